/**
 * Faults that can be injected.
 *
 * - `drop`: the connection ends before the request is handled
 * - `drop-reply`: the request is handled, and the connection ends instead of the reply
 * - `odd-reply`: the request is handled, and its reply is 200 with `message` (default: nothing) as body
 * - `delay`: the reply comes `ms` later
 * - `status`: the proxy's answer `status` (502, 503, 504, 595, 596 …) with `message` as reason
 * - `lock`: the guest in the path gets the lock `message` (default `backup`) first
 * - `busy`: the guest's configuration file cannot be locked
 * - `task-failure`: a task of `type` (default: any) ends with `message`, after the lines `log`
 * - `init-dies`: what runs in a container ends by itself `ms` after its start
 * - `full-storage`: `storage` has no room
 * - `storage-inactive`: `storage` cannot be reached
 * - `node-down`: `node` is offline
 * - `vmid-taken`: somebody else takes the vmid just before a create
 * - `replaced`: before the request is handled somebody else destroys the guest in the path, and gets
 *   its vmid for a guest called `message` (default `somebody-else`)
 * - `replaced-while-busy`: as `busy`, and meanwhile the guest is replaced as by `replaced`
 */
export type FaultName =
  | "drop"
  | "drop-reply"
  | "odd-reply"
  | "delay"
  | "status"
  | "lock"
  | "busy"
  | "task-failure"
  | "init-dies"
  | "full-storage"
  | "storage-inactive"
  | "node-down"
  | "vmid-taken"
  | "replaced"
  | "replaced-while-busy";

/** One fault. Fields that are absent match everything. */
export interface Fault {
  readonly name: FaultName;
  readonly method?: string;
  /** Part of the path below /api2/json. */
  readonly path?: string;
  readonly type?: string;
  readonly storage?: string;
  readonly node?: string;
  readonly ms?: number;
  readonly status?: number;
  readonly message?: string;
  readonly log?: readonly string[];
  /** Number of times that it still strikes; absent: until it is removed. */
  times?: number;
}

/** Properties of a location that asks whether a fault strikes. */
export interface Occasion {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly storage?: string;
  readonly node?: string;
}

/** The standing fault of this name that holds here, if any: `full-storage`, `node-down`. */
export function holds(
  cluster: { readonly faults: Fault[] },
  name: FaultName,
  at: Occasion,
): Fault | undefined {
  return cluster.faults.find((fault) => fault.name === name && matches(fault, at));
}

/** The fault of this name that strikes here and now, if any. It counts as one strike. */
export function strike(
  cluster: { readonly faults: Fault[] },
  name: FaultName,
  at: Occasion = {},
): Fault | undefined {
  const fault = holds(cluster, name, at);
  if (fault?.times !== undefined && --fault.times <= 0) {
    cluster.faults.splice(cluster.faults.indexOf(fault), 1);
  }
  return fault;
}

function matches(fault: Fault, at: Occasion): boolean {
  const same = (key: "method" | "type" | "storage" | "node") =>
    fault[key] === undefined || fault[key] === at[key];
  return same("method") && same("type") && same("storage") && same("node") &&
    (fault.path === undefined || (at.path ?? "").includes(fault.path));
}
