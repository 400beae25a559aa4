import type { Clock } from "../../../lib/core/platform.ts";
import type { MakeGuest } from "../../unix/types.ts";
import type {
  Acl,
  Appliance,
  Cluster,
  Options,
  Pool,
  SimNode,
  Storage,
  Timings,
  Token,
  User,
  Vm,
  Volume,
} from "./cluster.ts";
import type { Fault } from "./faults.ts";
import { builtinRoles } from "./roles.ts";
import { realClock } from "./time.ts";

/** Contents of a new cluster. */
export interface Preset {
  /** Absent for a single node. */
  readonly name?: string;
  readonly version?: Cluster["version"];
  readonly nodes: readonly SimNode[];
  readonly storages: readonly Storage[];
  readonly volumes: readonly Volume[];
  readonly appliances: readonly Appliance[];
  readonly pools: readonly Pool[];
  readonly users: readonly User[];
  readonly tokens: readonly Token[];
  readonly acls: readonly Acl[];
  /** Roles besides Proxmox's own. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly vms?: readonly Vm[];
  readonly options?: Partial<Options>;
}

/** Times for tests: everything takes tens of milliseconds. */
export const QUICK: Timings = {
  createMs: 40,
  startMs: 25,
  stopMs: 20,
  destroyMs: 15,
  downloadMs: 30,
  otherMs: 15,
  linkMs: 20,
  dhcpMs: 40,
  dadMs: 0,
  dnsMs: 20,
  resourcesEveryMs: 60,
  authFailureMs: 10,
  lockTimeoutMs: 2_000,
  raceMs: 2,
  ticketMs: 7_200_000,
};

/** Behaviour of a cluster. */
export interface Behaviour {
  readonly timings?: Partial<Timings>;
  readonly faults?: readonly Fault[];
  readonly clock?: Clock;
  readonly makeGuest: MakeGuest;
}

/** A cluster in its first state. */
export function makeCluster(preset: Preset, behaviour: Behaviour): Cluster {
  const byId = <T extends { id: string }>(items: readonly T[]) =>
    new Map(items.map((item) => [item.id, item]));
  return {
    name: preset.name,
    version: preset.version ?? { version: "9.0.10", release: "9.0", repoid: "deb1ca707ec72a89" },
    nodes: new Map(preset.nodes.map((node) => [node.name, node])),
    storages: byId(preset.storages),
    volumes: [...preset.volumes],
    appliances: [...preset.appliances],
    pools: byId(preset.pools),
    users: byId(preset.users),
    tokens: byId(preset.tokens),
    roles: new Map([
      ...builtinRoles(),
      ...Object.entries(preset.roles ?? {}).map(([role, names]) => [role, new Set(names)] as const),
    ]),
    acls: [...preset.acls],
    cts: new Map(),
    vms: new Map((preset.vms ?? []).map((vm) => [vm.vmid, vm])),
    broadcasts: new Map(),
    managed: new Set(),
    replicated: new Map(),
    tasks: new Map(),
    options: {
      macPrefix: "BC:24:11",
      userAllowTags: "free",
      userAllowList: [],
      registeredTags: [],
      caseSensitiveTags: false,
      ...preset.options,
    },
    timings: { ...QUICK, ...behaviour.timings },
    faults: (behaviour.faults ?? []).map((fault) => ({ ...fault })),
    clock: behaviour.clock ?? realClock,
    makeGuest: behaviour.makeGuest,
    leases: new Map(),
    locks: new Map(),
    nextPid: 2000,
    tickets: new Map(),
    fingerprint: "",
    closing: new AbortController(),
  };
}
