import { untilAborted } from "../core/until_aborted.ts";
import type { Timeouts } from "../core/timeouts.ts";
import type { World } from "../core/world.ts";
import { type OpenContext, readMerged, resolveSettings } from "../config/resolve.ts";
import { readSettings, type Settings, type SettingsOverrides } from "../config/settings.ts";
import { readTailscale } from "../config/tailscale.ts";
import { type Member, status } from "../proxmox/cluster.ts";
import { PermissionDenied, type SeenCertificate } from "../proxmox/errors.ts";
import { list as listNodes } from "../proxmox/nodes.ts";
import {
  type CallingOptions,
  createRest,
  type Rest,
  restOf,
  type TracedRequest,
} from "../proxmox/rest.ts";
import { connectThroughGates, type GateOptions } from "../ssh/gate.ts";
import { findNode, type NodeSshOptions, type NodeWay } from "../ssh/node.ts";
import { type NodeAddress, parseSshNodes } from "../ssh/node_address.ts";
import { nodeConnections } from "../ssh/pool.ts";
import { inTurn, type SshQuestions } from "../ssh/questions.ts";
import { unlocker } from "../ssh/unlock.ts";
import type { Cluster } from "./cluster.ts";
import { directTransport, hostOf } from "./direct_transport.ts";
import { directLogin, type LoginQuestions } from "./login.ts";
import { openContext } from "./open_context.ts";
import { PVESH_USER, pveshCaller } from "./pvesh.ts";
import { sshLogin } from "./ssh_login.ts";

/** What wins over the environment and the config file, who can be asked, and who watches. */
export interface ConnectOptions extends SettingsOverrides, LoginQuestions {
  /** The config file, instead of `PXRUN_CONFIG` and the usual place. */
  readonly configFile?: string | undefined;
  /** The context of the config file, by name or as it was read already. */
  readonly context?: string | OpenContext | undefined;
  /**
   * Whether a certificate that nobody vouches for is the right one. Asked before
   * anything is sent; absent: it is refused.
   */
  readonly confirmCertificate?: ((seen: SeenCertificate) => Promise<boolean>) | undefined;
  /** `false`: SSH alone makes no token, where a policy forbids it, and speaks `pvesh`. */
  readonly tempToken?: boolean;
  /** Nothing is changed, not even to log in: with SSH alone the API is read by `pvesh`. */
  readonly readOnly?: boolean;
  /** Sees the headers of each reply of the API. */
  readonly onReply?: (headers: Readonly<Record<string, string>>) => void;
  /** Sees one line for each API call before it is sent; secrets are not in it. */
  readonly trace?: (line: string) => void;
  /** Asks the user what SSH needs to know; absent, an unknown host or an encrypted key is an error. */
  readonly ask?: SshQuestions | undefined;
  /** Told what is worth knowing and no error, one line each. */
  readonly warn?: ((line: string) => void) | undefined;
  /** How long the other side may be silent; what is absent is as usual. */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Ends the decryption of the config file, for which sops may ask the user something. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a cluster. Nothing is sent before it is asked for something.
 *
 * @param world The machine's ports: {@linkcode denoWorld} in a script.
 * @param options What wins over the environment (`PROXMOX_HOST`, `PROXMOX_TOKEN_ID` …), which
 * wins over the config file.
 * @returns The cluster; `await using` ends its connections.
 * @throws {PxrunError} USAGE with everything that is missing at once.
 *
 * @example Connect to the embedded cluster
 * ```ts
 * import { connect, denoWorld } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * assert.equal(cluster.tokenId, simulator.token.id);
 * ```
 */
export async function connect(world: World, options: ConnectOptions = {}): Promise<Cluster> {
  const { configFile, context: named } = options;
  const context = typeof named === "object"
    ? named
    : await openContext(world, { configFile, context: named }, options.signal);
  const resolved = resolveSettings(options, world.env, context);
  const settings = readMerged(world.env, resolved, (env) => {
    const read = readSettings(env, options);
    const { nodes } = read.ssh;
    return { ...read, nodes: nodes === undefined ? undefined : parseSshNodes(nodes) };
  });
  const { login } = settings;
  const bySsh = login.kind === "ssh";
  const nodes: GateOptions = {
    ...sshOptions(settings, () => rest, async () => {
      return bySsh ? (await way(via)).host : hostOf(settings.baseUrl);
    }),
    nodesFrom: resolved.some(({ name, source }) => name === "ssh.nodes" && source === "file")
      ? "the config file"
      : undefined,
    ...asking(options.ask),
    timeouts: options.timeouts,
    warn: options.warn,
  };
  const via = loginNode(settings.baseUrl, nodes.nodes);
  // The API cannot be asked where the node is that leads to it.
  const toVia = { ...nodes, ask: (node: string) => Promise.resolve({ onlyHost: node }) };
  const ways = new Map<string, Promise<NodeWay>>();
  const way = (node: string): Promise<NodeWay> => {
    const found = ways.get(node) ?? findNode(node, bySsh && node === via ? toVia : nodes, world);
    ways.set(node, found);
    return found;
  };
  const open = (gates: GateOptions) => async (node: string, signal: AbortSignal) =>
    await connectThroughGates(node, await way(node), gates, world, signal);
  const quiet = { ...nodes, questions: undefined, unlock: undefined };
  const connections = nodeConnections(open(nodes), open(quiet));
  const calling: CallingOptions = {
    clock: world.clock,
    onReply: options.onReply,
    ...(options.trace && { onRequest: (request) => options.trace?.(traceLine(request)) }),
  };
  let id: string;
  let rest: Rest;
  if (login.kind === "ssh" && (options.readOnly || options.tempToken === false)) {
    if (!options.readOnly) {
      options.warn?.(
        "without a token every call is a pvesh over SSH and takes about a second; Ctrl-C waits " +
          "for the task that runs, and a lost connection may end it",
      );
    }
    id = PVESH_USER;
    const caller = pveshCaller({
      connection: (node = via) => connections.get(node),
      user: async (node = via) => (await way(node)).user,
      clock: world.clock,
    });
    rest = restOf(caller, calling);
  } else {
    const loggedIn = login.kind === "ssh"
      ? sshLogin({
        connection: () => connections.get(via),
        user: async () => (await way(via)).user,
        world,
        timeouts: options.timeouts,
      })
      : directLogin(
        login,
        await directTransport(world, settings, options.confirmCertificate, options.timeouts),
        world.clock,
        options,
      );
    id = loggedIn.id;
    rest = createRest({ ...loggedIn, ...calling });
  }
  const close = async (): Promise<void> => {
    // The login's end may need the connections.
    await rest.close();
    await connections.closeAll();
  };
  return {
    rest,
    world,
    tokenId: id,
    tailscale: readTailscale(resolved),
    offered: new Set(),
    route: way,
    ssh: (node, signal) => untilAborted(connections.get(node), signal),
    prepareSsh: connections.prepare,
    close,
    [Symbol.asyncDispose]: close,
  };
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

/** What the settings say about SSH; the API is asked where a node is when nobody else knows. */
function sshOptions(
  { ssh, baseUrl, nodes }: Settings & Pick<NodeSshOptions, "nodes">,
  rest: () => Rest,
  apiHost: () => Promise<string>,
): GateOptions {
  let members: Promise<readonly Member[]> | undefined;
  return {
    nodes,
    // The API's host may be a proxy without SSH: the nodes that were named come first.
    gates: [...nodes?.values() ?? [], { host: hostOf(baseUrl) }],
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

function traceLine({ method, path, params, attempt }: TracedRequest): string {
  const shown = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`).join(" ");
  return `${method} ${path}${shown && ` ${shown}`}${attempt > 1 ? ` (try ${attempt})` : ""}`;
}
