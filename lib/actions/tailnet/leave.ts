import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Clock } from "../../core/platform.ts";
import type { Access } from "../../guest/enter.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import { deleteDevice, devices } from "../../tailscale/devices.ts";
import { type Join, joinedNode } from "./binding.ts";
import { tailnetClient } from "./client.ts";
import { readOwnNode } from "./own_node.ts";

/** Facts about the join, and access to the inside. */
interface LeaveOptions extends Access {
  /** The id of the node that the container was bound to when it had joined. */
  readonly bound: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Removes the node that a container which still runs has made by a join, if it has.
 *
 * @param open Connects to the container's node.
 * @throws {PxrunError} Why the node stays there.
 */
export async function leaveTailnet(
  cluster: Cluster,
  open: () => Promise<SshTransport>,
  vmid: number,
  join: Join,
  { bound, ...options }: LeaveOptions,
): Promise<void> {
  const client = tailnetClient(cluster);
  if (client !== undefined && bound !== undefined) {
    await deleteDevice(client, bound, options.signal);
    return;
  }
  const own = await readOwnNode(await open(), vmid, options);
  if (own === undefined) return;
  const node = client && joinedNode(await devices(client, options.signal), join, own);
  if (client === undefined || node === undefined) {
    const why = client === undefined
      ? "no API key is known"
      : "nothing proves that it is this container";
    throw new PxrunError("FAILED", `${own.name} stays in the tailnet, since ${why}`);
  }
  await deleteDevice(client, node.id, options.signal);
}
