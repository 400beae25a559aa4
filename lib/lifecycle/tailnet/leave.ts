import type { Cluster } from "../../connect/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Clock } from "../../core/world.ts";
import type { SshTransport } from "../../ssh/transport.ts";
import { deleteDevice, devices } from "../../tailscale/devices.ts";
import { tailnetClient } from "./client.ts";
import { readOwnNode } from "./own_node.ts";

/**
 * Removes the node of a container that still runs, if it has joined a tailnet.
 *
 * @throws {PxrunError} Why the node stays there.
 */
export async function leaveTailnet(
  cluster: Cluster,
  ssh: SshTransport,
  vmid: number,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly sudo: boolean },
): Promise<void> {
  const own = await readOwnNode(ssh, vmid, options);
  if (own === undefined) return;
  const client = tailnetClient(cluster);
  const found = client && (await devices(client, options.signal))
    .find(({ nodeKey }) => nodeKey === own.nodeKey);
  if (client === undefined || found === undefined) {
    const why = client === undefined ? "no API key is known" : "the API key does not see it";
    throw new PxrunError("FAILED", `${own.name} stays in the tailnet, since ${why}`);
  }
  await deleteDevice(client, found.id, options.signal);
}
