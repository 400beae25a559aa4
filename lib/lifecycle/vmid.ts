import type { Cluster } from "../connect/cluster.ts";
import { nextid } from "../proxmox/cluster.ts";
import { withSignal } from "../proxmox/rest.ts";

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
