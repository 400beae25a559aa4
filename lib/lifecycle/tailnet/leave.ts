import type { Cluster } from "../../connect/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Clock } from "../../core/world.ts";
import type { SshTransport } from "../../ssh/transport.ts";
import { deleteDevice, devices } from "../../tailscale/devices.ts";
import { type Join, joinedNode } from "./binding.ts";
import { tailnetClient } from "./client.ts";
import { readOwnNode } from "./own_node.ts";

/**
 * Removes the node that a container which still runs has made by a join, if it has.
 *
 * @throws {PxrunError} Why the node stays there.
 */
export async function leaveTailnet(
  cluster: Cluster,
  ssh: SshTransport,
  vmid: number,
  join: Join,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly sudo: boolean },
): Promise<void> {
  const own = await readOwnNode(ssh, vmid, options);
  if (own === undefined) return;
  const client = tailnetClient(cluster);
  const node = client && joinedNode(await devices(client, options.signal), join, own);
  if (client === undefined || node === undefined) {
    const why = client === undefined
      ? "no API key is known"
      : "nothing proves that it is this container";
    throw new PxrunError("FAILED", `${own.name} stays in the tailnet, since ${why}`);
  }
  await deleteDevice(client, node.id, options.signal);
}
