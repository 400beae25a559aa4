import type { Cluster } from "../../connect/cluster.ts";
import { messageOf } from "../../core/errors.ts";
import type { LxcConfig } from "../../proxmox/nodes_lxc_config.ts";
import { type Device, devices } from "../../tailscale/devices.ts";
import { MACHINES_PAGE } from "../../tailscale/pages.ts";
import { enterable } from "../reach.ts";
import { tailnetClient } from "./client.ts";
import { TUN } from "./device.ts";
import { type OwnNode, readOwnNode } from "./own_node.ts";

/** A node of a tailnet that is a container. */
export interface TailnetNode {
  readonly id: string;
  /** In full. */
  readonly name: string;
  /** Nothing but a name says that it is this container: somebody has to look. */
  readonly byNameOnly: boolean;
}

/** What a look into the tailnet brought. */
export interface FoundNode {
  readonly node?: TailnetNode | undefined;
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
 * Finds the node of a container in the tailnet, where the API may be asked: by the key that the
 * container itself knows, else by its name.
 */
export async function findTailnetNode(
  cluster: Cluster,
  wanted: Wanted,
  signal: AbortSignal | undefined,
): Promise<FoundNode> {
  const client = tailnetClient(cluster);
  if (client === undefined) return { warnings: [] };
  try {
    const [all, own] = await Promise.all([devices(client, signal), lookInside()]);
    return matchNode(all, wanted.hostname, own, cluster.tailscale.tags);
  } catch (error) {
    signal?.throwIfAborted();
    const why = messageOf(error);
    return { warnings: [`the tailnet was not looked at: ${why}; its nodes: ${MACHINES_PAGE}`] };
  }

  /** Only where there is something to see; without SSH the name has to do. */
  async function lookInside(): Promise<OwnNode | undefined> {
    const { vmid, node, running, config } = wanted;
    if (!running || !Object.values(config.dev).some(({ path }) => path === TUN)) return undefined;
    try {
      const { ssh, sudo } = await enterable(cluster, { vmid, node }, signal);
      const { clock } = cluster.world;
      return await readOwnNode(ssh, vmid, { clock, signal, sudo });
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }
}

/** Tells which of all nodes a container is. Pure. */
export function matchNode(
  all: readonly Device[],
  hostname: string | undefined,
  own: OwnNode | undefined,
  tags: readonly string[],
): FoundNode {
  if (own !== undefined) {
    const same = all.find(({ nodeKey }) => nodeKey === own.nodeKey);
    if (same) return { node: { id: same.id, name: same.name, byNameOnly: false }, warnings: [] };
    return {
      warnings: [
        `${own.name} is in a tailnet that the API key does not see, and stays; later: ${MACHINES_PAGE}`,
      ],
    };
  }
  if (hostname === undefined) return { warnings: [] };
  // A second node of one hostname is called web-1-1 in the tailnet.
  const named = all.filter(({ name, hostname: own }) =>
    own.toLowerCase() === hostname.toLowerCase() || name.split(".")[0] === hostname.toLowerCase()
  );
  const [only, ...others] = named;
  if (only === undefined) return { warnings: [] };
  if (others.length > 0) {
    const names = named.map(({ name }) => name).join(", ");
    return {
      warnings: [
        `several nodes of the tailnet are called ${hostname}: ${names}; they stay; later: ${MACHINES_PAGE}`,
      ],
    };
  }
  const tagged = only.tags.some((tag) => tags.includes(tag));
  return { node: { id: only.id, name: only.name, byNameOnly: !tagged }, warnings: [] };
}
