import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { resources } from "../../proxmox/api/cluster.ts";
import { withSignal } from "../../proxmox/http/rest.ts";

/** A container and where it was seen. */
export interface Place {
  readonly vmid: number;
  readonly node: string;
}

/**
 * The node that a container has moved to; undefined where it has not, or has been destroyed: which of
 * these, {@linkcode guestNow} of `guest_config.ts` tells.
 */
export async function movedTo(
  cluster: Cluster,
  { vmid, node }: Place,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const guests = await resources(withSignal(cluster.rest, signal), "vm");
  const now = guests.find((guest) => guest.vmid === vmid && guest.type === "lxc")?.node;
  return now === node ? undefined : now;
}

/** Hint after a command whose container has moved to another node meanwhile. */
const AGAIN = "run the command again: it looks for the container first";

/** Says that a container is not where it was. */
export function moved(
  { vmid, node }: Place,
  to: string,
  hint = AGAIN,
  cause?: unknown,
): PxrunError {
  const message = `container ${vmid} has moved from ${node} to ${to}`;
  return new PxrunError("FAILED", message, { hint, cause });
}

/** Does something with a container; what fails because it has moved away meanwhile, says so. */
export async function inPlace<T>(
  cluster: Cluster,
  place: Place,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw await orMoved(cluster, place, error);
  }
}

/** The same error, or that the container has moved as the reason behind it. */
async function orMoved(cluster: Cluster, place: Place, error: unknown): Promise<unknown> {
  const ours = error instanceof PxrunError && error.code !== "INTERRUPTED" &&
    error.code !== "UNREACHABLE";
  if (!ours) return error;
  // The failure itself is reported where its location is unknown.
  const node = await movedTo(cluster, place).catch(() => undefined);
  return node === undefined ? error : moved(place, node, AGAIN, error);
}
