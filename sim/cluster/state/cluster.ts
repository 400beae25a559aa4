import type { Clock } from "../../../lib/core/platform.ts";
import type { Guest, MakeGuest } from "../../unix/types.ts";
import type { Fault } from "./faults.ts";
import type { Who } from "./who.ts";

/** Durations in the simulated cluster, in milliseconds. */
export interface Timings {
  readonly createMs: number;
  readonly startMs: number;
  readonly stopMs: number;
  readonly destroyMs: number;
  readonly downloadMs: number;
  /** Snapshot, rollback, clone, resize, delete of a volume. */
  readonly otherMs: number;
  /** From the start to a link-local address. */
  readonly linkMs: number;
  /** From the start to an address by DHCP. */
  readonly dhcpMs: number;
  /** From a fixed IPv6 address to the end of its check for duplicates. */
  readonly dadMs: number;
  /** From the address to the first name that resolves. */
  readonly dnsMs: number;
  /** Interval at which a node broadcasts its guests, for /cluster/resources; 0: at once. */
  readonly resourcesEveryMs: number;
  /** Duration of a refused login. */
  readonly authFailureMs: number;
  /** Longest wait for a guest's configuration file. */
  readonly lockTimeoutMs: number;
  /** Between the check of a new vmid and its registration: the window for a race. */
  readonly raceMs: number;
  /** Lifetime of a ticket. */
  readonly ticketMs: number;
}

/** One bridge or other interface of a node, with the fields that Proxmox reports. */
export interface Iface {
  readonly iface: string;
  readonly type: "bridge" | "eth" | "bond" | "vlan" | "OVSBridge";
  /** `10.0.0.11/24`, absent for an interface without an address. */
  readonly cidr?: string;
  readonly gateway?: string;
  readonly ports?: string;
  /** Last octets that DHCP hands out on this bridge; absent: nothing answers DHCP. */
  readonly dhcp?: readonly [first: number, last: number];
  /** True for a bridge without a port and without VLANs: a tag cannot be set. */
  readonly isolated?: boolean;
}

/** One node. */
export interface SimNode {
  readonly name: string;
  /** The address in /cluster/status. */
  readonly ip: string;
  readonly cpus: number;
  readonly memory: number;
  /** Size of its root file system in bytes. */
  readonly disk: number;
  readonly ifaces: Iface[];
  readonly dns: readonly string[];
  readonly timezone: string;
  readonly bootedAt: number;
  /** A moment at which it tells the cluster of its guests (default: when it was booted). */
  readonly tellsAt?: number;
  /** True if a path exists on the node: asked for bind mounts and devices. */
  pathExists: (path: string) => boolean;
}

/** One storage definition; what lies on it stands in {@linkcode Cluster.volumes}. */
export interface Storage {
  readonly id: string;
  readonly type: string;
  readonly content: readonly string[];
  /** Present on these nodes only; absent: on all. */
  readonly nodes?: readonly string[];
  readonly shared: boolean;
  readonly total: number;
  /** Taken by what the simulator does not list. */
  readonly used: number;
  readonly enabled: boolean;
  /** True if its volumes can be snapshotted. */
  readonly snapshots: boolean;
  /** Directory of a file storage on the node. */
  readonly path?: string;
}

/** Something that lies on a storage. */
export interface Volume {
  readonly volid: string;
  readonly storage: string;
  /** Node of it; absent on a shared storage. */
  readonly node?: string;
  readonly content: "rootdir" | "vztmpl" | "images" | "iso" | "backup" | "snippets";
  readonly format: string;
  /** Requested size, in bytes. */
  size: number;
  /** Space that it takes of its storage, in bytes. */
  used: number;
  readonly ctime: number;
  readonly vmid?: number;
}

/** One line of the template index. */
export interface Appliance {
  readonly template: string;
  readonly package: string;
  readonly version: string;
  readonly os: string;
  readonly section: string;
  readonly headline: string;
  readonly size: number;
  readonly architecture: string;
}

/** A pool of guests and storages. */
export interface Pool {
  readonly id: string;
  readonly comment: string;
  readonly storages: Set<string>;
}

/** A user with the password of its realm. */
export interface User {
  readonly id: string;
  password?: string;
  /** The code that the second factor shows now; absent: there is none. */
  totp?: string;
  enabled: boolean;
  /** Seconds since the epoch, 0 for never. */
  expire: number;
}

/** An API token, kept as `user@realm!name`. */
export interface Token {
  readonly id: string;
  readonly secret: string;
  /** True if it has only what its own ACLs and its user's allow both. */
  readonly privsep: boolean;
  readonly expire: number;
  readonly comment?: string;
}

/** One line of the access control list. */
export interface Acl {
  readonly path: string;
  /** `user@realm` or `user@realm!name`. */
  readonly who: string;
  readonly role: string;
  readonly propagate: boolean;
}

/** A snapshot: the configuration and the volumes' sizes as they were. */
export interface Snapshot {
  readonly name: string;
  readonly description: string;
  /** Seconds since the epoch. */
  readonly snaptime: number;
  readonly parent: string | undefined;
  readonly config: Readonly<Record<string, string>>;
}

/** Broadcast of a container, which /cluster/resources shows some time later. */
export interface Broadcast {
  readonly at: number;
  readonly name: string;
  readonly status: "running" | "stopped";
  readonly config: Readonly<Record<string, string>>;
  readonly startedAt: number | undefined;
}

/** One interface of a running container. */
export interface Link {
  readonly name: string;
  /** Undefined for one without a hardware address: tun, wg, sit. */
  readonly hwaddr: string | undefined;
  /** IPv4 with its prefix, undefined when nothing gives it one. */
  inet: string | undefined;
  /** IPv6 with its prefix, besides the link-local one. */
  inet6: string | undefined;
  /** Addresses that were added beside those while it ran. */
  more?: readonly string[];
  /** Time when the addresses are up, in milliseconds since the epoch. */
  readonly upAt: number;
}

/** One container. */
export interface Ct {
  readonly vmid: number;
  readonly node: string;
  /** As in its configuration file: every value a string, `lock` included. */
  config: Record<string, string>;
  status: "running" | "stopped";
  /** Time of its last start, in milliseconds; undefined when stopped. */
  startedAt: number | undefined;
  /** Changes that wait for the next start, as in the `[pve:pending]` section. */
  pending: Record<string, string>;
  /** Options that the next start deletes. */
  deleting: Set<string>;
  /** Its interfaces, planned at the start; an address is up when its time has come. */
  links: Link[];
  pid: number;
  /** File name of the archive it was made from. */
  template: string;
  pool: string | undefined;
  snapshots: Snapshot[];
  /** The system inside: there once the create task has unpacked the template. */
  guest: Guest | undefined;
}

/** A virtual machine: only there to be refused. */
export interface Vm {
  readonly vmid: number;
  readonly node: string;
  readonly name: string;
  readonly status: "running" | "stopped";
}

/** Options of the datacenter. */
export interface Options {
  readonly macPrefix: string;
  /** `user-allow` of the tag policy: which tags a user without Sys.Modify may set. */
  readonly userAllowTags: "free" | "existing" | "list" | "none";
  readonly userAllowList: readonly string[];
  readonly registeredTags: readonly string[];
  /** `case-sensitive` of the tag style: whether tags keep their capitals. */
  readonly caseSensitiveTags: boolean;
}

/** One task, running or ended. */
export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly who: Who;
  readonly pid: number;
  readonly pstart: number;
  /** Seconds since the epoch. */
  readonly starttime: number;
  endtime: number | undefined;
  /** Undefined while it runs. */
  exitstatus: string | undefined;
  readonly log: string[];
  /** Resolves, never rejects, when the task has ended. */
  done: Promise<void>;
  /** Ends it; the reason becomes its error. */
  readonly abort: AbortController;
}

/** The whole simulated cluster. Operations change it in place. */
export interface Cluster {
  /** Undefined for a node that is no cluster's member. */
  readonly name: string | undefined;
  readonly version: { readonly version: string; readonly release: string; readonly repoid: string };
  readonly nodes: Map<string, SimNode>;
  readonly storages: Map<string, Storage>;
  volumes: Volume[];
  readonly appliances: Appliance[];
  readonly pools: Map<string, Pool>;
  readonly users: Map<string, User>;
  readonly tokens: Map<string, Token>;
  readonly roles: Map<string, ReadonlySet<string>>;
  acls: Acl[];
  readonly cts: Map<number, Ct>;
  readonly vms: Map<number, Vm>;
  /**
   * Broadcasts of the nodes about each VMID, the latest last. It stays when a container is destroyed: a
   * vmid that is used again shows its former owner's state until the next is due.
   */
  readonly broadcasts: Map<number, Broadcast[]>;
  /** The containers that high availability manages. */
  readonly managed: Set<number>;
  /** The containers that are replicated, with the node that they are replicated to. */
  readonly replicated: Map<number, string>;
  readonly tasks: Map<string, Task>;
  options: Options;
  timings: Timings;
  faults: Fault[];
  /** Its time; a test can bring its own. */
  readonly clock: Clock;
  readonly makeGuest: MakeGuest;
  /** DHCP leases: address by hardware address. */
  readonly leases: Map<string, string>;
  /** The last in the queue for each container's configuration file. */
  readonly locks: Map<number, Promise<void>>;
  /** The next process id, for tasks and containers. */
  nextPid: number;
  /** Tickets of users who logged in with a password: when they were issued. */
  readonly tickets: Map<
    string,
    { readonly user: string; readonly csrf: string; readonly at: number }
  >;
  /** Fingerprint of the certificate on port 8006, as /nodes reports it. */
  fingerprint: string;
  /** Aborted when the simulator ends: every task and wait ends with it. */
  readonly closing: AbortController;
}
