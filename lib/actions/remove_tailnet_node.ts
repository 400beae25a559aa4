import { messageOf } from "../core/errors.ts";
import { deleteDevice, devicePath } from "../tailscale/devices.ts";
import { API } from "../tailscale/client.ts";
import { MACHINES_PAGE } from "../tailscale/pages.ts";
import type { ClusterModule } from "./context.ts";
import { tailnetClient } from "./tailnet/client.ts";

/** The node that a container was bound to is removed from its tailnet. */
export interface RemoveTailnetNode {
  readonly kind: "remove-tailnet-node";
  readonly id: "tailscale";
  readonly device: string;
  /** In full. */
  readonly name: string;
}

/** The container no longer exists by then: that its node stays is no failure of the whole. */
export const removeTailnetNode: ClusterModule<RemoveTailnetNode> = {
  describe: ({ device, name }) => ({
    title: `remove ${name} from the tailnet`,
    by: "API",
    call: `DELETE ${API}${devicePath(device)}`,
  }),
  async run({ device, name }, context) {
    const client = tailnetClient(context.cluster);
    if (client === undefined) return { changed: false, warnings: [nodeStays(name)] };
    await deleteDevice(client, device, context.signal);
    context.removedNode = name;
    return { done: `removed ${name} from the tailnet` };
  },
  ignored: ({ name }, error) => nodeStays(name, `: ${messageOf(error)}`),
};

/** Warning that a node was not removed. */
export function nodeStays(name: string, why = ""): string {
  return `${name} stays in the tailnet${why}; later: ${MACHINES_PAGE}`;
}
