import type { Timeouts } from "../core/limits.ts";
import type { Platform } from "../core/platform.ts";
import type { Settings } from "../config/settings.ts";
import { type Member, status } from "../proxmox/api/cluster.ts";
import { PermissionDenied } from "../proxmox/http/errors.ts";
import { list as listNodes } from "../proxmox/api/nodes/nodes.ts";
import type { Rest } from "../proxmox/http/rest.ts";
import { connectToNode, findNode, type NodeSshOptions, type NodeWay } from "../ssh/route/node.ts";
import type { NodeAddress } from "../ssh/route/node_address.ts";
import { type NodeConnections, nodeConnections } from "../ssh/route/pool.ts";
import { inTurn, type SshQuestions, unlocker } from "../ssh/auth/questions.ts";
import { hostOf } from "./direct_transport.ts";

/** The nodes of a cluster, by SSH. */
export interface Nodes {
  /** The one that SSH alone goes through. */
  readonly via: string;
  /** Route to a node, without connecting to it. */
  way(node: string): Promise<NodeWay>;
  readonly connections: NodeConnections;
}

/** Questions to the user on the way, and time limits. */
export interface NodesOptions extends Pick<NodeSshOptions, "nodesFrom"> {
  readonly ask?: SshQuestions | undefined;
  readonly warn?: ((line: string) => void) | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/** The settings, and the nodes that they name, as read. */
export type NodeSettings = Settings & Pick<NodeSshOptions, "nodes">;

/**
 * The nodes as the settings name them. Nothing is sent yet.
 *
 * @param rest The API, once it is needed: it may go by SSH itself.
 */
export function openNodes(
  platform: Platform,
  settings: NodeSettings,
  rest: () => Rest,
  { ask, warn, timeouts, nodesFrom }: NodesOptions,
): Nodes {
  const bySsh = settings.login.kind === "ssh";
  const options: NodeSshOptions = {
    ...sshOptions(settings, rest, async () => {
      return bySsh ? (await way(via)).host : hostOf(settings.baseUrl);
    }),
    nodesFrom,
    ...asking(ask),
    timeouts,
    warn,
  };
  const via = loginNode(settings.baseUrl, options.nodes);
  // The API cannot be asked where the node is that leads to it.
  const toVia = { ...options, ask: (node: string) => Promise.resolve({ onlyHost: node }) };
  const ways = new Map<string, Promise<NodeWay>>();
  const way = (node: string): Promise<NodeWay> => {
    const found = ways.get(node) ??
      findNode(node, bySsh && node === via ? toVia : options, platform);
    ways.set(node, found);
    return found;
  };
  const open = (options: NodeSshOptions) => async (node: string, signal: AbortSignal) =>
    await connectToNode(await way(node), options, platform, signal);
  const quiet = { ...options, questions: undefined, unlock: undefined };
  return { via, way, connections: nodeConnections(open(options), open(quiet)) };
}

/**
 * The node that SSH alone goes through: that of PROXMOX_HOST, as PXRUN_SSH_NODES
 * knows it or else by this name; only where no host is set, the first that is known.
 */
export function loginNode(
  baseUrl: string,
  nodes: ReadonlyMap<string, NodeAddress> | undefined,
): string {
  const host = hostOf(baseUrl);
  const entries = [...nodes ?? []];
  const same = entries.find(([name, address]) => name === host || address.host === host);
  const first = host === "localhost" ? entries[0] : undefined;
  return (same ?? first)?.[0] ?? host;
}

/** One question at a time, and none twice, over all connections of a run. */
function asking(ask: SshQuestions | undefined): Pick<NodeSshOptions, "questions" | "unlock"> {
  const questions = ask && inTurn(ask);
  return { questions, unlock: questions && unlocker(questions.passphrase) };
}

/** SSH settings; the API is asked for a node's address if no setting has it. */
function sshOptions(
  { ssh, nodes }: NodeSettings,
  rest: () => Rest,
  apiHost: () => Promise<string>,
): NodeSshOptions {
  let members: Promise<readonly Member[]> | undefined;
  return {
    nodes,
    user: ssh.user,
    keyPath: ssh.keyPath,
    knownHosts: ssh.knownHosts,
    async ask(node) {
      members ??= status(rest()).then((known) => known.nodes).catch((error) => {
        // Without Sys.Audit the cluster does not say.
        if (error instanceof PermissionDenied) return [];
        throw error;
      });
      const [known, all] = await Promise.all([members, listNodes(rest())]);
      return {
        clusterIp: known.find((member) => member.name === node)?.ip,
        onlyHost: all.length === 1 ? await apiHost() : undefined,
      };
    },
  };
}
