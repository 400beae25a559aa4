import type { Cluster } from "../cluster/cluster.ts";
import { find, type Found } from "../cluster/guests/find.ts";
import { reach, type ReachedSame } from "../cluster/guests/reach.ts";
import { inPlace } from "../cluster/guests/where.ts";

/**
 * Does something in a running container, on whichever node that is. What fails because the
 * container has moved away meanwhile says so.
 *
 * @param ct Its VMID or hostname, or what was found by it.
 * @throws {PxrunError} NOT_FOUND when there is no such container, UNREACHABLE without its node.
 */
export async function inContainer<T>(
  cluster: Cluster,
  ct: string | number | Found,
  signal: AbortSignal | undefined,
  act: (reached: ReachedSame) => Promise<T>,
): Promise<T> {
  const found = typeof ct === "object" ? ct : await find(cluster, String(ct), signal);
  const reached = await reach(cluster, found, signal);
  return await inPlace(cluster, found, () => act(reached));
}
