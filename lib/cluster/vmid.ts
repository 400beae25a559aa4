import type { Cluster } from "./cluster.ts";
import { nextid } from "../proxmox/api/cluster.ts";
import { withSignal } from "../proxmox/http/rest.ts";

/**
 * A vmid that is free and that nobody else in this process was offered. It is
 * not reserved: another client may still take it before the create does.
 *
 * @param taken The vmids that are known to be in use.
 * @param ahead How many free ones may be left out, at most.
 */
export async function claimVmid(
  cluster: Cluster,
  taken: ReadonlySet<number>,
  signal?: AbortSignal,
  ahead = 0,
): Promise<number> {
  let vmid = await nextid(withSignal(cluster.rest, signal));
  vmid += Math.floor(Math.random() * (ahead + 1));
  while (cluster.offered.has(vmid) || taken.has(vmid)) vmid++;
  cluster.offered.add(vmid);
  return vmid;
}

/**
 * A vmid for each of several containers, ascending in their order, as {@linkcode claimVmid} would
 * give it. One that has its own takes none.
 *
 * @param fixed The vmid that each has, if any.
 * @param guests What has vmids already.
 */
export async function claimVmids(
  cluster: Cluster,
  fixed: readonly (number | undefined)[],
  guests: Promise<readonly { readonly vmid: number }[]>,
  signal?: AbortSignal,
): Promise<number[]> {
  const [first, known] = await Promise.all([nextid(withSignal(cluster.rest, signal)), guests]);
  const taken = new Set([...known.map(({ vmid }) => vmid), ...fixed]);
  let vmid = first;
  return fixed.map((own) => {
    while (cluster.offered.has(vmid) || taken.has(vmid)) vmid++;
    if (own === undefined) cluster.offered.add(vmid);
    return vmid;
  });
}
