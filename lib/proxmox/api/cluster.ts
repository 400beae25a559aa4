import { isIP } from "node:net";
import { Fields, readList } from "../http/read.ts";
import type { Rest } from "../http/rest.ts";
import { readTaskRow, type TaskRow } from "./nodes/tasks.ts";

/** A container or virtual machine, as the whole cluster's list shows it. */
export interface GuestRow {
  /** `lxc` or `qemu`. */
  readonly type: string;
  readonly vmid: number;
  readonly node: string;
  /** Absent for a new guest, for up to 10 s, and without VM.Audit. */
  readonly name: string | undefined;
  /** `running`, `stopped`, or `unknown` for a new guest. */
  readonly status: string;
  readonly template: boolean;
  readonly tags: readonly string[];
  readonly pool: string | undefined;
  readonly lock: string | undefined;
  /** Set for a guest that is managed by HA. */
  readonly hastate: string | undefined;
  /** Seconds. */
  readonly uptime: number | undefined;
  /** Share of `maxcpu`, 0 to 1. */
  readonly cpu: number | undefined;
  readonly maxcpu: number | undefined;
  /** Bytes. */
  readonly mem: number | undefined;
  /** Bytes. */
  readonly maxmem: number | undefined;
  /** Bytes. */
  readonly disk: number | undefined;
  /** Bytes. */
  readonly maxdisk: number | undefined;
}

/** A node, as the whole cluster's list shows it. Loads are absent without Sys.Audit. */
export interface NodeRow {
  readonly type: "node";
  readonly node: string;
  /** `online`, `offline` or `unknown`. */
  readonly status: string;
  /** Seconds. */
  readonly uptime: number | undefined;
  /** Share of `maxcpu`, 0 to 1. */
  readonly cpu: number | undefined;
  readonly maxcpu: number | undefined;
  /** Bytes. */
  readonly mem: number | undefined;
  /** Bytes. */
  readonly maxmem: number | undefined;
}

/** A storage on one node; a shared one has a row on each. */
export interface StorageRow {
  readonly type: "storage";
  readonly storage: string;
  readonly node: string;
  /** `available` or `unknown`. */
  readonly status: string;
  /** `rootdir`, `vztmpl`, `images` … */
  readonly content: readonly string[];
  readonly shared: boolean;
  /** `dir`, `lvmthin`, `zfspool` … */
  readonly plugintype: string | undefined;
  /** Used bytes. */
  readonly disk: number | undefined;
  /** All bytes. */
  readonly maxdisk: number | undefined;
}

/** Types of `/cluster/resources`, and their rows. */
export interface Resources {
  readonly vm: GuestRow;
  readonly node: NodeRow;
  readonly storage: StorageRow;
}

const READERS: { readonly [T in keyof Resources]: (fields: Fields) => Resources[T] } = {
  vm: readGuest,
  node: readNode,
  storage: readStorage,
};

/** All guests, nodes or storages of the cluster that the token may see, in one call. */
export async function resources<T extends keyof Resources>(
  rest: Rest,
  type: T,
): Promise<Resources[T][]> {
  const rows = await rest.get("/cluster/resources", { type });
  return readList(rows, "/cluster/resources", READERS[type]);
}

/**
 * The next free vmid. It is not reserved: another may take it first.
 *
 * @param vmid Asks whether this one is free instead.
 * @throws {AlreadyExists} when it is not.
 */
export async function nextid(rest: Rest, vmid?: number): Promise<number> {
  return new Fields({ vmid: await rest.get("/cluster/nextid", { vmid }) }, "/cluster/nextid")
    .vmid();
}

/** A node's membership in the cluster. */
export interface Member {
  readonly name: string;
  /** The address of the cluster's network. */
  readonly ip: string | undefined;
  readonly online: boolean;
  /** It is the one that answered. */
  readonly local: boolean;
}

/** The cluster's members; without a name when it is a single node. */
export interface ClusterStatus {
  readonly name: string | undefined;
  /** True if it may make decisions; a single node always may. */
  readonly quorate: boolean;
  readonly nodes: readonly Member[];
}

/** Members of the cluster, and their addresses. Needs Sys.Audit on `/`. */
export async function status(rest: Rest): Promise<ClusterStatus> {
  const what = "/cluster/status";
  const rows = readList(await rest.get(what), what, (fields) => fields);
  const cluster = rows.find((row) => row.text("type") === "cluster");
  return {
    name: cluster?.text("name"),
    quorate: cluster?.flag("quorate") ?? true,
    nodes: rows.filter((row) => row.text("type") === "node").map((row) => ({
      name: row.node("name"),
      ip: addressOrNone(row.optionalText("ip")),
      online: row.flag("online"),
      local: row.flag("local"),
    })),
  };
}

/** Anything else than an address is dropped: SSH would go there. */
function addressOrNone(text: string | undefined): string | undefined {
  return text === undefined || isIP(text) === 0 ? undefined : text;
}

/** The datacenter's policy for tags. */
export interface TagPolicy {
  /** True if users may set any tag that is not registered. */
  readonly freeform: boolean;
  /** Tags that only who has Sys.Modify may set. */
  readonly registered: readonly string[];
  /** Tags that the caller may set in any case. */
  readonly allowed: readonly string[];
  /** True if tags keep their capitals, and differ by them. */
  readonly caseSensitive: boolean;
}

/** Which tags one may set. Without Sys.Audit on `/` only `allowed` is shown. */
export async function tagPolicy(rest: Rest): Promise<TagPolicy> {
  const what = "/cluster/options";
  const fields = new Fields(await rest.get(what), what);
  return {
    freeform:
      (fields.properties("user-tag-access").optionalText("user-allow") ?? "free") === "free",
    registered: fields.texts("registered-tags"),
    allowed: fields.texts("allowed-tags"),
    caseSensitive: fields.properties("tag-style").flag("case-sensitive"),
  };
}

/** The vmids of all replicated guests that the token may see. */
export async function replicated(rest: Rest): Promise<ReadonlySet<number>> {
  const what = "/cluster/replication";
  return new Set(readList(await rest.get(what), what, (fields) => fields.vmid("guest")));
}

/** The latest tasks of all nodes that the token may see. */
export async function tasks(rest: Rest): Promise<TaskRow[]> {
  return readList(await rest.get("/cluster/tasks"), "/cluster/tasks", readTaskRow);
}

function readGuest(fields: Fields): GuestRow {
  return {
    type: fields.text("type"),
    vmid: fields.vmid(),
    node: fields.node(),
    name: fields.optionalWord("name"),
    status: fields.optionalWord("status") ?? "unknown",
    template: fields.flag("template"),
    tags: fields.texts("tags"),
    pool: fields.optionalWord("pool"),
    lock: fields.optionalWord("lock"),
    hastate: fields.optionalWord("hastate"),
    uptime: fields.amount("uptime"),
    cpu: fields.amount("cpu"),
    maxcpu: fields.amount("maxcpu"),
    mem: fields.amount("mem"),
    maxmem: fields.amount("maxmem"),
    disk: fields.amount("disk"),
    maxdisk: fields.amount("maxdisk"),
  };
}

function readNode(fields: Fields): NodeRow {
  return {
    type: "node",
    node: fields.node(),
    status: fields.optionalText("status") ?? "unknown",
    uptime: fields.amount("uptime"),
    cpu: fields.amount("cpu"),
    maxcpu: fields.amount("maxcpu"),
    mem: fields.amount("mem"),
    maxmem: fields.amount("maxmem"),
  };
}

function readStorage(fields: Fields): StorageRow {
  return {
    type: "storage",
    storage: fields.text("storage"),
    node: fields.node(),
    status: fields.optionalText("status") ?? "unknown",
    content: fields.words("content"),
    shared: fields.flag("shared"),
    plugintype: fields.optionalText("plugintype"),
    disk: fields.amount("disk"),
    maxdisk: fields.amount("maxdisk"),
  };
}
