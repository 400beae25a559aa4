import type { Cluster } from "../cluster.ts";
import { endsRun, messageOf, PxrunError } from "../../core/errors.ts";
import * as access from "../../proxmox/api/access.ts";
import { type GuestRow, resources } from "../../proxmox/api/cluster.ts";
import { list as listNodes, type Node } from "../../proxmox/api/nodes/nodes.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import { type Rest, withSignal } from "../../proxmox/http/rest.ts";
import { lacking } from "../rights.ts";

/**
 * One container, as `list` shows it.
 *
 * @category Containers
 */
export interface ContainerRow {
  readonly vmid: number;
  /** Absent for a container without one, and while its node cannot be asked. */
  readonly hostname?: string;
  readonly node: string;
  /** `running`, `stopped`, or `unknown` while its node cannot be asked. */
  readonly status: string;
  readonly cores?: number;
  /** Bytes. */
  readonly memory?: { readonly used: number; readonly max: number };
  /** Bytes. */
  readonly disk?: { readonly used: number; readonly max: number };
  /** Seconds. */
  readonly uptime?: number;
  readonly tags: readonly string[];
  readonly pool?: string;
  readonly lock?: string;
  /** It is a template, which never starts. */
  readonly template?: true;
  /** Only when asked for. */
  readonly addresses?: readonly string[];
  /** Why something of it is not known: `node pve02 is offline`. */
  readonly problem?: string;
}

/** The containers that a login may see, by vmid, and the nodes of the cluster. */
export interface Inventory {
  readonly rows: readonly ContainerRow[];
  readonly nodes: readonly Node[];
  /** Why a node could not be asked, by its name. */
  readonly problems: ReadonlyMap<string, string>;
}

/**
 * Reads which containers there are: from the configurations, which every node lists without delay. The
 * cluster's own list is behind and shows the former owner's name for a vmid that is used
 * again; it only tells which containers the nodes have that cannot be asked.
 *
 * @throws {PxrunError} PERMISSION_DENIED for a login that may see none, instead of an empty list.
 */
export async function inventory(cluster: Cluster, signal?: AbortSignal): Promise<Inventory> {
  const rest = withSignal(cluster.rest, signal);
  const [nodes, guests] = await Promise.all([listNodes(rest), containersOf(rest)]);
  const asked = await Promise.all(nodes.map((node) => askNode(rest, node)));
  const errors = asked.flatMap(({ error }) => error ?? []);
  if (errors.length > 0 && asked.every(({ problem }) => problem !== undefined)) throw errors[0];
  const problems = new Map(asked.flatMap(({ node, problem }) => problem ? [[node, problem]] : []));
  const found = new Map(asked.flatMap(({ rows }) => rows).map((row) => [row.vmid, row]));
  const missing = guests.filter(({ vmid, node }) => !found.has(vmid) && !problems.has(node));
  for (const row of await askAgain(rest, missing, nodes)) found.set(row.vmid, row);
  const pools = new Map(guests.map(({ vmid, pool }) => [vmid, pool]));
  const known = [...found.values()].map(async (row) => ({
    ...await named(rest, row),
    ...inPool(pools.get(row.vmid)),
  }));
  const hidden = guests.filter(({ vmid, node }) => !found.has(vmid) && problems.has(node))
    .map((guest) => hiddenRow(guest, problems.get(guest.node) ?? ""));
  const rows = [...await Promise.all(known), ...hidden].toSorted((a, b) => a.vmid - b.vmid);
  if (rows.length === 0) await assertSees(cluster, rest);
  return { rows, nodes, problems };
}

async function containersOf(rest: Rest): Promise<GuestRow[]> {
  return (await resources(rest, "vm")).filter(({ type }) => type === "lxc");
}

/** The answer of one node. */
export interface AskedNode {
  readonly node: string;
  readonly rows: readonly ContainerRow[];
  /** Why it has no rows: `node pve02 is offline`. */
  readonly problem?: string;
  readonly error?: unknown;
}

/** The containers of one node. One that is offline is not asked: that would take seconds, each time. */
export async function askNode(
  rest: Rest,
  { node, status }: Pick<Node, "node" | "status">,
  asked?: Promise<AskedNode>,
): Promise<AskedNode> {
  if (status === "offline") return { node, rows: [], problem: offline(node) };
  return await (asked ?? rowsOf(rest, node));
}

/** The containers of one node, or the reason why it cannot be asked. */
export async function rowsOf(rest: Rest, node: string): Promise<AskedNode> {
  try {
    return { node, rows: (await lxc.list(rest, node)).map((row) => rowOf(node, row)) };
  } catch (error) {
    if (endsRun(error)) throw error;
    return { node, rows: [], problem: messageOf(error), error };
  }
}

function offline(node: string): string {
  return `node ${node} is offline`;
}

/** True if nothing more is known of a container than its vmid because its node is offline: it does not run. */
export function isOffline({ node, problem }: ContainerRow): boolean {
  return problem === offline(node);
}

/** Why containers of some nodes have no name now, a line for each node. */
export function hiddenReasons(hidden: readonly ContainerRow[]): string[] {
  return [...Map.groupBy(hidden, ({ problem = "" }) => problem)].map(([problem, rows]) => {
    const count = rows.length === 1 ? "1 container" : `${rows.length} containers`;
    return `${problem}: ${count} there ${rows.length === 1 ? "has" : "have"} no name now`;
  });
}

/** Everything that is not known of some rows, each thing once. */
export function problemsOf(rows: readonly ContainerRow[]): string[] {
  const amiss = rows.filter(({ problem }) => problem !== undefined);
  const [hidden, others] = [amiss.filter(isHidden), amiss.filter((row) => !isHidden(row))];
  const numbered = hiddenReasons(hidden).map((reason) => `${reason}; use the vmid`);
  return [...numbered, ...others.map(({ problem = "" }) => problem)];
}

/** True if only its vmid is known. */
export function isHidden({ hostname, status, problem }: ContainerRow): boolean {
  return problem !== undefined && hostname === undefined && status === "unknown";
}

/**
 * Guests that the cluster lists and no node had: it was destroyed in between, moved from one node to
 * another while both were asked, or its node belongs to the cluster no more.
 */
async function askAgain(
  rest: Rest,
  missing: readonly GuestRow[],
  nodes: readonly Node[],
): Promise<ContainerRow[]> {
  if (missing.length === 0) return [];
  const sought = new Set(missing.map(({ vmid }) => vmid));
  const still = (await containersOf(rest)).filter(({ vmid }) => sought.has(vmid));
  const groups = [...Map.groupBy(still, ({ node }) => node)];
  const found = await Promise.all(groups.map(async ([node, guests]) => {
    const { status } = nodes.find((one) => one.node === node) ?? {};
    const gone = `node ${node} does not belong to the cluster`;
    const { rows, problem } = status === undefined
      ? { rows: [], problem: gone }
      : await askNode(rest, { node, status });
    return guests.map((guest) =>
      rows.find(({ vmid }) => vmid === guest.vmid) ??
        hiddenRow(guest, problem ?? `node ${node} does not list it`)
    );
  }));
  return found.flat();
}

function rowOf(node: string, guest: lxc.LxcRow): ContainerRow {
  const { vmid, name, status, cpus, mem, maxmem, disk, maxdisk, uptime, lock, template } = guest;
  return {
    vmid,
    ...(name !== undefined && { hostname: name }),
    node,
    status,
    ...(cpus !== undefined && { cores: cpus }),
    ...(mem !== undefined && maxmem !== undefined && { memory: { used: mem, max: maxmem } }),
    ...(disk !== undefined && maxdisk !== undefined && { disk: { used: disk, max: maxdisk } }),
    ...(uptime !== undefined && { uptime }),
    tags: guest.tags,
    ...(lock !== undefined && { lock }),
    ...(template && { template }),
  };
}

/** Its name as it was broadcast is left out: it may be that of the vmid's former owner. */
function hiddenRow(guest: GuestRow, problem: string): ContainerRow {
  const { vmid, node, tags, pool, lock, template } = guest;
  const more = { ...(lock !== undefined && { lock }), ...(template && { template }) };
  return { vmid, node, status: "unknown", tags, ...inPool(pool), ...more, problem };
}

function inPool(pool: string | undefined): Pick<ContainerRow, "pool"> {
  return pool === undefined ? {} : { pool };
}

/** `CT101` stands for a container without a hostname; only its configuration tells whether it is one. */
async function named(rest: Rest, row: ContainerRow): Promise<ContainerRow> {
  if (row.hostname !== standIn(row.vmid)) return row;
  const { hostname: _, ...nameless } = row;
  if (row.lock === "create") return nameless;
  try {
    const { hostname } = await lxc.config(rest, row.node, row.vmid);
    return hostname === undefined ? nameless : row;
  } catch (error) {
    if (error instanceof PxrunError && error.code !== "INTERRUPTED") return nameless;
    throw error;
  }
}

/** Name that Proxmox gives a container without a hostname. */
export function standIn(vmid: number): string {
  return `CT${vmid}`;
}

/** Nothing is what a login sees that may see nothing. */
async function assertSees({ tokenId }: Cluster, rest: Rest): Promise<void> {
  const permissions = await access.permissions(rest);
  const sees = Object.values(permissions).some((here) => Object.hasOwn(here, "VM.Audit"));
  if (sees) return;
  const need = { privilege: "VM.Audit", paths: ["/vms"] };
  const [lack] = lacking([need], { permissions, tokenId });
  throw new PxrunError("PERMISSION_DENIED", `${tokenId} may not see any container`, {
    hint: lack?.problem.hint,
  });
}
