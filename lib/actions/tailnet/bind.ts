import type { Cluster } from "../../cluster/cluster.ts";
import { messageOf, PxrunError } from "../../core/errors.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import { devices } from "../../tailscale/devices.ts";
import { MACHINES_PAGE } from "../../tailscale/pages.ts";
import type { Event } from "../../run/event.ts";
import { changeOf } from "../../cluster/guests/marker.ts";
import { type Target, updateGuest } from "../../cluster/changes/same_guest.ts";
import { type Join, joinedNode, withBinding } from "./binding.ts";
import { tailnetClient } from "./client.ts";
import { type LookOptions, seeOwnNode } from "./own_node.ts";

/**
 * Notes in the description of a container that has just joined which node it is: nothing inside can
 * change that, and a destroy removes that node and no other. Where it cannot be said, the node
 * stays when the container is destroyed, which is no reason to fail.
 *
 * @param target The container.
 * @param open Connects to its node.
 * @returns The id of the node that it is bound to now.
 */
export async function* bindNode(
  cluster: Cluster,
  target: Target,
  join: Join,
  open: () => Promise<SshTransport>,
  look: LookOptions,
): AsyncGenerator<Event, string | undefined> {
  const client = tailnetClient(cluster);
  // Without an API key it could not be removed either.
  if (client === undefined) return undefined;
  try {
    const [own, all] = await Promise.all([
      seeOwnNode(open, target.vmid, look),
      devices(client, look.signal),
    ]);
    // Only its options were changed: it is bound already, or cannot be any more.
    if (own && all.some(({ id, nodeKey }) => nodeKey === own.nodeKey && join.before?.has(id))) {
      return undefined;
    }
    const node = own && joinedNode(all, join, own);
    if (node === undefined) throw new PxrunError("FAILED", "the tailnet does not show which one");
    await updateGuest(cluster, target, (config) => {
      const noted = withBinding(config, target.vmid, node.id);
      if (noted === undefined) throw new PxrunError("FAILED", "its description has no room");
      return changeOf(config, noted);
    });
    return node.id;
  } catch (error) {
    look.signal?.throwIfAborted();
    if (!(error instanceof PxrunError)) throw error;
    const message = `container ${target.vmid} is not bound to its node of the tailnet: ` +
      `${messageOf(error)}; when it is destroyed, the node stays: ${MACHINES_PAGE}`;
    yield { type: "warning", message, at: cluster.platform.clock.now() };
    return undefined;
  }
}
