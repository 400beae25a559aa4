import { PxrunError } from "../core/errors.ts";
import { untilAborted } from "../core/until_aborted.ts";
import type { World } from "../core/world.ts";
import { type OpenContext, resolveSettings, settingsEnv } from "../config/resolve.ts";
import { readSettings, type Settings, type SettingsOverrides } from "../config/settings.ts";
import { apiToken } from "../proxmox/auth.ts";
import { type Member, status } from "../proxmox/cluster.ts";
import { PermissionDenied } from "../proxmox/errors.ts";
import { list as listNodes } from "../proxmox/nodes.ts";
import { createRest, type Rest, type TracedRequest } from "../proxmox/rest.ts";
import { tlsTransport } from "../proxmox/tls.ts";
import type { Trust } from "../proxmox/tls_connect.ts";
import { connectThroughGates, type GateOptions } from "../ssh/gate.ts";
import { findNode, type NodeSshOptions, type NodeWay } from "../ssh/node.ts";
import { parseSshNodes } from "../ssh/node_address.ts";
import { nodeConnections } from "../ssh/pool.ts";
import { inTurn, type SshQuestions } from "../ssh/questions.ts";
import { unlocker } from "../ssh/unlock.ts";
import type { Cluster } from "./cluster.ts";
import { openContext } from "./open_context.ts";

/** What wins over the environment and the config file, and who watches. */
export interface ConnectOptions extends SettingsOverrides {
  /** The config file, instead of `PXRUN_CONFIG` and the usual place. */
  readonly configFile?: string | undefined;
  /** The context of the config file, by name or as it was read already. */
  readonly context?: string | OpenContext | undefined;
  /** Sees one line for each API call before it is sent; secrets are not in it. */
  readonly trace?: (line: string) => void;
  /** Asks the user what SSH needs to know; absent, an unknown host or an encrypted key is an error. */
  readonly ask?: SshQuestions | undefined;
  /** Told what is worth knowing and no error, one line each. */
  readonly warn?: ((line: string) => void) | undefined;
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
    : await openContext(world, { configFile, context: named });
  const resolved = resolveSettings(options, world.env, context);
  const settings = readSettings(settingsEnv(world.env, resolved), options);
  const rest = createRest({
    transport: tlsTransport({ baseUrl: settings.baseUrl, trust: await readTrust(world, settings) }),
    authentication: apiToken({ id: settings.tokenId, secret: settings.tokenSecret }),
    clock: world.clock,
    ...(options.trace && { onRequest: (request) => options.trace?.(traceLine(request)) }),
  });
  const nodes: GateOptions = {
    ...sshOptions(settings, rest),
    ...asking(options.ask),
    warn: options.warn,
  };
  const ways = new Map<string, Promise<NodeWay>>();
  const way = (node: string): Promise<NodeWay> => {
    const found = ways.get(node) ?? findNode(node, nodes, world);
    ways.set(node, found);
    return found;
  };
  const connections = nodeConnections(async (node, signal) =>
    await connectThroughGates(node, await way(node), nodes, world, signal)
  );
  const close = async (): Promise<void> => {
    await Promise.all([connections.closeAll(), rest.close()]);
  };
  return {
    rest,
    world,
    tokenId: settings.tokenId,
    offered: new Set(),
    route: way,
    ssh: (node, signal) => untilAborted(connections.get(node), signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readTrust(
  world: World,
  { trust }: Settings,
): Promise<Trust> {
  if (trust.kind === "fingerprint") return { fingerprint: trust.fingerprint };
  if (trust.kind === "system") return { system: true };
  const ca = await world.files.read(trust.caFile);
  if (ca === undefined) {
    throw new PxrunError("USAGE", `there is no CA file ${trust.caFile}`, {
      hint: "PROXMOX_CA_FILE names it; a node keeps its own in /etc/pve/pve-root-ca.pem",
    });
  }
  return { ca: new TextDecoder().decode(ca) };
}

/** One question at a time, and none twice, over all connections of a run. */
function asking(ask: SshQuestions | undefined): Pick<NodeSshOptions, "questions" | "unlock"> {
  const questions = ask && inTurn(ask);
  return { questions, unlock: questions && unlocker(questions.passphrase) };
}

/** What the settings say about SSH; the API is asked where a node is when nobody else knows. */
function sshOptions({ ssh, baseUrl }: Settings, rest: Rest): GateOptions {
  const apiHost = new URL(baseUrl).hostname.replace(/^\[|\]$/g, "");
  let members: Promise<readonly Member[]> | undefined;
  const nodes = ssh.nodes === undefined ? undefined : parseSshNodes(ssh.nodes);
  return {
    nodes,
    // The API's host may be a proxy without SSH: the nodes that were named come first.
    gates: [...nodes?.values() ?? [], { host: apiHost }],
    user: ssh.user,
    keyPath: ssh.keyPath,
    knownHosts: ssh.knownHosts,
    async ask(node) {
      members ??= status(rest).then((known) => known.nodes).catch((error) => {
        // Without Sys.Audit the cluster does not say.
        if (error instanceof PermissionDenied) return [];
        throw error;
      });
      const [known, all] = await Promise.all([members, listNodes(rest)]);
      return {
        clusterIp: known.find((member) => member.name === node)?.ip,
        onlyHost: all.length === 1 ? apiHost : undefined,
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
