import type { Cluster } from "../../cluster/cluster.ts";
import { messageOf } from "../../core/errors.ts";
import type { LxcConfig } from "../../proxmox/api/nodes/lxc_config.ts";
import { type Device, devices } from "../../tailscale/devices.ts";
import { MACHINES_PAGE } from "../../tailscale/pages.ts";
import { birthOf, type Meant, sameInside } from "../../cluster/changes/same_guest.ts";
import { enterable } from "../../cluster/guests/reach.ts";
import { boundDevice } from "../../actions/tailnet/binding.ts";
import { tailnetClient } from "../../actions/tailnet/client.ts";
import { TUN } from "../../plan/needs.ts";
import { type OwnNode, readOwnNode } from "../../actions/tailnet/own_node.ts";

/**
 * The node of a tailnet that a container was bound to when it joined.
 *
 * @category Plans
 */
export interface TailnetNode {
  readonly id: string;
  /** In full. */
  readonly name: string;
}

/** Result of a search in the tailnet. */
export interface FoundNode {
  /** The node that goes with the container; nothing else is ever removed. */
  readonly node?: TailnetNode | undefined;
  /** Nodes that may be the container's, and stay. */
  readonly warnings: readonly string[];
}

/** A container whose node is sought. */
export interface Wanted {
  readonly vmid: number;
  readonly node: string;
  readonly hostname: string | undefined;
  readonly running: boolean;
  readonly config: LxcConfig;
}

/**
 * Finds the node that a container was bound to when it joined. Where it was not, what the container
 * says of itself and its name only tell which nodes may be its own: these stay.
 */
export async function findTailnetNode(
  cluster: Cluster,
  wanted: Wanted,
  signal: AbortSignal | undefined,
): Promise<FoundNode> {
  const { vmid, config } = wanted;
  const bound = boundDevice(config, vmid);
  const hasTun = Object.values(config.dev).some(({ path }) => path === TUN);
  const client = tailnetClient(cluster);
  if (client === undefined) {
    if (bound === undefined && !hasTun) return { warnings: [] };
    const which = bound === undefined
      ? "if it has joined a tailnet, its node"
      : `its node ${bound}`;
    return { warnings: [`${which} stays there, since no API key is known: ${MACHINES_PAGE}`] };
  }
  try {
    const all = await devices(client, signal);
    const device = all.find(({ id }) => id === bound);
    if (device) return { node: { id: device.id, name: device.name }, warnings: [] };
    return { warnings: mayBeOwn(all, wanted.hostname, await lookInside()) };
  } catch (error) {
    signal?.throwIfAborted();
    const why = messageOf(error);
    return { warnings: [`the tailnet was not looked at: ${why}; its nodes: ${MACHINES_PAGE}`] };
  }

  /** Only where there is something to see; without SSH the name has to do. */
  async function lookInside(): Promise<OwnNode | undefined> {
    const { node, running } = wanted;
    if (!running || !hasTun) return undefined;
    try {
      const { ssh, sudo } = await enterable(cluster, { vmid, node }, signal);
      const { clock } = cluster.platform;
      const birth = birthOf(config);
      const is: Meant = (now) => birthOf(now) === birth;
      const same = sameInside(cluster, { vmid, node, is }, birth);
      return await readOwnNode(ssh, vmid, { clock, signal, sudo, same });
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }
}

/** Description of the nodes that may be a container's own. Pure. */
export function mayBeOwn(
  all: readonly Device[],
  hostname: string | undefined,
  own: OwnNode | undefined,
): string[] {
  // A second node of one hostname is called web-1-1 in the tailnet.
  const wanted = hostname?.toLowerCase();
  const names = all.filter((one) =>
    own === undefined
      ? one.hostname.toLowerCase() === wanted || one.name.split(".")[0] === wanted
      : one.nodeKey === own.nodeKey
  ).map(({ name }) => name);
  const said = names.length === 0 && own !== undefined ? [own.name] : names;
  if (said.length === 0) return [];
  const [stays, it] = said.length === 1 ? ["stays", "it is"] : ["stay", "one of them is"];
  return [
    `${
      said.join(", ")
    } ${stays} in the tailnet: nothing proves that ${it} this container; remove ` +
    `what is its own at ${MACHINES_PAGE}`,
  ];
}
