import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { type GuestRow, resources } from "../proxmox/cluster.ts";
import { list as nodes } from "../proxmox/nodes.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import { addressesOf } from "./address.ts";

/** One container, as `list` shows it. */
export interface ContainerRow {
  readonly vmid: number;
  readonly hostname?: string;
  readonly node: string;
  /** `running`, `stopped`, or `unknown` while its node is away. */
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
  /** Only when asked for. */
  readonly addresses?: readonly string[];
}

/** Which containers, and how much of them. */
export interface ListOptions {
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  /** Every one of them must be there. */
  readonly tags?: readonly string[] | undefined;
  /** Asks each running container for its addresses: a call each. */
  readonly addresses?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every container of the cluster that the token may see, by vmid.
 *
 * @param cluster Where.
 * @param options Which ones, and how much of them.
 * @returns A row for each.
 * @throws {PxrunError} When the cluster cannot be asked.
 *
 * @example Nothing yet
 * ```ts
 * import { connect, denoWorld, list } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * assert.deepEqual(await list(cluster, { status: "running" }), []);
 * ```
 */
export async function list(cluster: Cluster, options: ListOptions = {}): Promise<ContainerRow[]> {
  const { node, status, tags = [], signal } = options;
  const all = await containers(cluster, signal);
  if (node !== undefined && !all.some((row) => row.node === node)) {
    await assertNode(cluster, node, signal);
  }
  const rows = all
    .filter((row) => node === undefined || row.node === node)
    .filter((row) => status === undefined || row.status === status)
    .filter((row) => tags.every((tag) => row.tags.includes(tag)))
    .toSorted((a, b) => a.vmid - b.vmid);
  if (!options.addresses) return rows;
  return await Promise.all(rows.map((row) => withAddresses(cluster, row, signal)));
}

/** A node without containers is fine, one that does not exist is a typing error. */
async function assertNode(cluster: Cluster, node: string, signal?: AbortSignal): Promise<void> {
  const names = (await nodes(withSignal(cluster.rest, signal))).map((one) => one.node);
  if (names.includes(node)) return;
  throw new PxrunError("NOT_FOUND", `there is no node ${node}`, {
    hint: `the cluster has ${names.join(", ")}`,
  });
}

/**
 * What /cluster/resources says. A new guest stands there without its name and as
 * `unknown` for some seconds: its own node knows better, and is asked then.
 */
async function containers(cluster: Cluster, signal?: AbortSignal): Promise<ContainerRow[]> {
  const guests = (await resources(withSignal(cluster.rest, signal), "vm"))
    .filter((guest) => guest.type === "lxc");
  const nameless = new Set(guests.filter((g) => g.name === undefined).map((g) => g.node));
  const known = await Promise.all(
    [...nameless].map((node) => ofNode(cluster, node, signal)),
  );
  const better = new Map(known.flat().map((row) => [row.vmid, row]));
  return guests.map((guest) => better.get(guest.vmid) ?? rowOf(guest));
}

/** What both lists say of a container. */
type GuestLike = Omit<GuestRow, "type" | "template" | "cpu" | "hastate" | "pool"> & {
  readonly pool?: string | undefined;
};

/** A node that does not answer must not hide the others. */
async function ofNode(
  cluster: Cluster,
  node: string,
  signal?: AbortSignal,
): Promise<ContainerRow[]> {
  try {
    return (await lxc.list(withSignal(cluster.rest, signal), node)).map((guest) =>
      rowOf({ ...guest, node, maxcpu: guest.cpus })
    );
  } catch (error) {
    if (error instanceof PxrunError && error.code !== "INTERRUPTED") return [];
    throw error;
  }
}

function rowOf(guest: GuestLike): ContainerRow {
  const { vmid, name, node, status, maxcpu, mem, maxmem, disk, maxdisk, uptime, pool, lock } =
    guest;
  return {
    vmid,
    ...(name !== undefined && { hostname: name }),
    node,
    status,
    ...(maxcpu !== undefined && { cores: maxcpu }),
    ...(mem !== undefined && maxmem !== undefined && { memory: { used: mem, max: maxmem } }),
    ...(disk !== undefined && maxdisk !== undefined && { disk: { used: disk, max: maxdisk } }),
    ...(uptime !== undefined && { uptime }),
    tags: guest.tags,
    ...(pool !== undefined && { pool }),
    ...(lock !== undefined && { lock }),
  };
}

async function withAddresses(
  cluster: Cluster,
  row: ContainerRow,
  signal?: AbortSignal,
): Promise<ContainerRow> {
  if (row.status !== "running") return { ...row, addresses: [] };
  try {
    const found = await addressesOf(cluster, row.node, row.vmid, signal);
    return { ...row, addresses: found.map(({ address }) => address) };
  } catch (error) {
    // It may have stopped in between, or its node may be away.
    if (error instanceof PxrunError && error.code !== "INTERRUPTED") {
      return { ...row, addresses: [] };
    }
    throw error;
  }
}
