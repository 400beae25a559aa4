import type { Cluster } from "../cluster.ts";
import { messageOf, PxrunError } from "../../core/errors.ts";
import { tagPolicy } from "../../proxmox/api/cluster.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import { addressesOf } from "./address.ts";
import { type ContainerRow, inventory } from "./inventory.ts";

export type { ContainerRow };

/**
 * Which containers, and how much of them. Templates are left out where any are selected.
 *
 * @category Containers
 */
export interface ListOptions {
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  /** Every one of them must be there; compared as Proxmox does, by default without case. */
  readonly tags?: readonly string[] | undefined;
  /** Asks each running container for its addresses: a call each. */
  readonly addresses?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every container of the cluster that the login may see, by vmid, as its node has it now. What is on
 * a node that cannot be asked is listed by number, and says why.
 *
 * @param cluster Where.
 * @param options Which ones, and how much of them.
 * @returns A row for each.
 * @throws {PxrunError} When the cluster cannot be asked; PERMISSION_DENIED for a login that may see no
 * container at all.
 *
 * @example Nothing yet
 * ```ts
 * import { connect, denoPlatform, list } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * assert.deepEqual(await list(cluster, { status: "running" }), []);
 * ```
 *
 * @category Containers
 */
export async function list(cluster: Cluster, options: ListOptions = {}): Promise<ContainerRow[]> {
  const { node, status, tags = [], signal } = options;
  const [{ rows: all, nodes }, hasTags] = await Promise.all([
    inventory(cluster, signal),
    tagTest(cluster, tags, signal),
  ]);
  if (node !== undefined && !nodes.some((one) => one.node === node)) {
    throw new PxrunError("NOT_FOUND", `there is no node ${node}`, {
      hint: `the cluster has ${nodes.map((one) => one.node).join(", ")}`,
    });
  }
  const selects = node !== undefined || status !== undefined || tags.length > 0;
  const rows = all
    .filter((row) => !selects || !row.template)
    .filter((row) => node === undefined || row.node === node)
    .filter((row) => status === undefined || row.status === status)
    .filter((row) => hasTags(row.tags));
  if (!options.addresses) return rows;
  return await Promise.all(rows.map((row) => withAddresses(cluster, row, signal)));
}

/** True if all tags are there, as Proxmox compares them: by their case only where the datacenter says so. */
async function tagTest(
  cluster: Cluster,
  tags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(there: readonly string[]) => boolean> {
  if (tags.length === 0) return () => true;
  const { caseSensitive } = await tagPolicy(withSignal(cluster.rest, signal));
  const spelled = (tag: string): string => caseSensitive ? tag : tag.toLowerCase();
  return (there) => {
    const known = new Set(there.map(spelled));
    return tags.every((tag) => known.has(spelled(tag)));
  };
}

async function withAddresses(
  cluster: Cluster,
  row: ContainerRow,
  signal?: AbortSignal,
): Promise<ContainerRow> {
  if (row.status === "stopped") return { ...row, addresses: [] };
  if (row.problem !== undefined) return row;
  try {
    const found = await addressesOf(cluster, row.node, row.vmid, signal);
    return { ...row, addresses: found.map(({ address }) => address) };
  } catch (error) {
    if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") throw error;
    // What is not known must not look as if there were none.
    return { ...row, problem: `the addresses of ${row.vmid} are not known: ${messageOf(error)}` };
  }
}
