import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { resources } from "../proxmox/cluster.ts";
import { withSignal } from "../proxmox/rest.ts";

/** A container and where it was seen. */
export interface Place {
  readonly vmid: number;
  readonly node: string;
}

/** The node that a container has moved to; undefined where it has not, or is gone. */
export async function movedTo(
  cluster: Cluster,
  { vmid, node }: Place,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const guests = await resources(withSignal(cluster.rest, signal), "vm");
  const now = guests.find((guest) => guest.vmid === vmid && guest.type === "lxc")?.node;
  return now === node ? undefined : now;
}

/**
 * The same error; or, where the container has moved away meanwhile, that as the reason.
 *
 * @param hint What to type next in that case.
 */
export async function orMoved(
  cluster: Cluster,
  place: Place,
  error: unknown,
  hint: string,
): Promise<unknown> {
  if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") return error;
  // Why it failed is known well enough where nobody can say where it is.
  const node = await movedTo(cluster, place).catch(() => undefined);
  return node === undefined ? error : moved(place, node, hint, error);
}

/** Says that a container is not where it was. */
export function moved(
  { vmid, node }: Place,
  to: string,
  hint: string,
  cause?: unknown,
): PxrunError {
  const message = `container ${vmid} has moved from ${node} to ${to}`;
  return new PxrunError("FAILED", message, { hint, cause });
}
