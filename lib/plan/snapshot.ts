import type { NameFacts } from "../cluster/guests/names.ts";
import type { Permissions } from "../cluster/rights.ts";
import type { LocalFiles } from "./step_inputs.ts";
import type { TailnetFacts } from "./tailnet.ts";

/**
 * State of the cluster when a create is planned: plain data, read in one
 * go by `inspect`, so that everything after it is a pure function.
 */
export interface Snapshot {
  /** `8.4`, `9.2`. */
  readonly release: string;
  readonly nodes: readonly NodeFacts[];
  /** Every guest that the token may see, VMs too: they share the vmids. */
  readonly guests: readonly GuestFacts[];
  /** Every container that the token may see, by its name. */
  readonly names: NameFacts;
  /** The pools that the token may see. */
  readonly pools: readonly string[];
  /** Path → privilege → whether it reaches the paths below. */
  readonly permissions: Permissions;
  readonly tokenId: string;
  /** Which tags may be set; undefined where none is wanted. */
  readonly tagPolicy?: TagPolicy | undefined;
  /** Free when asked, and not offered to anybody else in this process. */
  readonly nextVmid: number;
  /** Fixed addresses of other containers, where the recipe fixes one too. */
  readonly addressesInUse: readonly AddressUse[];
  /** The nodes whose containers could not be asked for theirs. */
  readonly addressesUnread?: readonly string[];
  /** The bytes of local files that the recipe names, by the path as written; undefined: no such file. */
  readonly localFiles: LocalFiles;
  /** The tailnet that is to be joined; undefined where none is. */
  readonly tailnet?: TailnetFacts | undefined;
}

/** The datacenter's policy for tags, for a login without Sys.Modify. */
export interface TagPolicy {
  /** True if any tag may be set that is not registered. */
  readonly freeform: boolean;
  /** Only for who has Sys.Modify. */
  readonly registered: readonly string[];
  /** May be set in any case. */
  readonly allowed: readonly string[];
  /** True if tags keep their capitals (default: they are made lower case). */
  readonly caseSensitive?: boolean;
}

/** One node and what it offers. */
export interface NodeFacts {
  readonly node: string;
  readonly online: boolean;
  /** Bytes; undefined without Sys.Audit. */
  readonly freeMemory?: number | undefined;
  readonly storages: readonly StorageFacts[];
  readonly bridges: readonly string[];
  /** Those of the bridges that belong to a zone of software-defined networking. */
  readonly vnets?: readonly string[];
  readonly templates: readonly LocalTemplate[];
  /** Templates that the appliance index offers. */
  readonly index: readonly string[];
  /** Reason why the node could not be read, where it could not. */
  readonly problem?: string | undefined;
  /** Parts of it that could not be read. */
  readonly unread?: readonly Unread[];
  /** As templates say it: `amd64`, which is also what one of unknown kind is. */
  readonly architecture?: string | undefined;
  /** File of the index → architecture, where its name has none. */
  readonly architectures?: Readonly<Record<string, string>>;
  /** Logical processors; undefined without Sys.Audit. */
  readonly cpus?: number | undefined;
}

/** Templates of a node that are not known. */
export interface Unread {
  /** The storage that holds them; undefined for the template index. */
  readonly storage?: string;
  readonly reason: string;
}

export interface StorageFacts {
  readonly storage: string;
  readonly active: boolean;
  /** `rootdir`, `vztmpl`, `images` … */
  readonly content: readonly string[];
  /** Bytes, less what earlier plans of the same run take. */
  readonly avail: number;
  /** A disk takes all of its size at once: what has no room for it refuses it. */
  readonly thick?: boolean;
  /** There is no room at all. */
  readonly full?: boolean;
}

/** A container and an address that its configuration fixes. */
export interface AddressUse {
  readonly address: string;
  readonly vmid: number;
  readonly name: string | undefined;
  readonly node: string;
  readonly running: boolean;
  /** It is to be made in the same run. */
  readonly planned?: true;
}

export interface LocalTemplate {
  readonly volid: string;
  /** The archive's file name. */
  readonly file: string;
}

export interface GuestFacts {
  readonly vmid: number;
  readonly type: string;
  readonly node: string;
  readonly name?: string | undefined;
  /** `running`, `stopped` …; `planned` for one that is to be made in the same run. */
  readonly status?: string | undefined;
}
