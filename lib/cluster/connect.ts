import { untilAborted } from "../core/within.ts";
import type { Timeouts } from "../core/limits.ts";
import type { Platform } from "../core/platform.ts";
import { type OpenContext, resolveSettings } from "../config/resolve.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import type { SettingsOverrides } from "../config/resolve.ts";
import { readTailscale } from "../config/settings.ts";
import type { SeenCertificate } from "../proxmox/http/errors.ts";
import {
  type CallingOptions,
  createRest,
  type Rest,
  restOf,
  type TracedRequest,
} from "../proxmox/http/rest.ts";
import { parseSshNodes } from "../ssh/route/node_address.ts";
import type { SshQuestions } from "../ssh/auth/questions.ts";
import type { Cluster } from "./cluster.ts";
import { directTransport } from "./direct_transport.ts";
import { directLogin, type LoginQuestions } from "./login.ts";
import { type Nodes, openNodes } from "./nodes.ts";
import { openContext } from "../config/open_context.ts";
import { PVESH_USER, pveshCaller } from "./pvesh.ts";
import { sshLogin } from "./ssh_login.ts";

/**
 * Overrides of environment and config file, questions to the user, and observers.
 *
 * @category Clusters
 */
export interface ConnectOptions extends SettingsOverrides, LoginQuestions {
  /** The config file, instead of `PXRUN_CONFIG` and the usual place. */
  readonly configFile?: string | undefined;
  /** The context of the config file, by name or as it was read already. */
  readonly context?: string | OpenContext | undefined;
  /**
   * True if a certificate that nobody vouches for is the right one. Asked before
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
  /** Silence of the other side that is tolerated; what is absent is as usual. */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Ends the decryption of the config file, for which sops may ask the user something. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a cluster. Nothing is sent before it is asked for something.
 *
 * @param platform The machine's ports: {@linkcode denoPlatform} in a script.
 * @param options What wins over the environment (`PROXMOX_HOST`, `PROXMOX_TOKEN_ID` …), which
 * wins over the config file.
 * @returns The cluster; `await using` ends its connections.
 * @throws {PxrunError} USAGE with everything that is missing at once.
 *
 * @example Connect to the embedded cluster
 * ```ts
 * import { connect, denoPlatform } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * assert.equal(cluster.tokenId, simulator.token.id);
 * ```
 *
 * @category Clusters
 */
export async function connect(platform: Platform, options: ConnectOptions = {}): Promise<Cluster> {
  const { configFile, context: chosen } = options;
  const context = typeof chosen === "object"
    ? chosen
    : await openContext(platform, { configFile, context: chosen }, options.signal, options.warn);
  const resolved = resolveSettings(options, platform.env, context);
  const read = readSettings(resolved, options);
  const { nodes: named, nodesFrom: where } = read.ssh;
  const settings = {
    ...read,
    nodes: named === undefined ? undefined : parseSshNodes(named, where),
  };
  const inFile = resolved.some(({ name, source }) => name === "ssh.nodes" && source === "file");
  const nodesFrom = inFile ? "the config file" : undefined;
  const nodes: Nodes = openNodes(platform, settings, () => rest, { ...options, nodesFrom });
  const { id, rest, readsOnly = false } = await openApi(platform, settings, nodes, options);
  const { connections, way } = nodes;
  const close = async (): Promise<void> => {
    // The login's end may need the connections.
    await rest.close();
    await connections.closeAll();
  };
  return {
    rest,
    platform,
    tokenId: id,
    readsOnly,
    tailscale: readTailscale(resolved),
    offered: new Set(),
    started: new Set(),
    route: async (node) => ({ ...await way(node), flags: sshFlags(settings.ssh, platform.env) }),
    ssh: (node, signal) => untilAborted(connections.get(node), signal),
    prepareSsh: connections.prepare,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Settings that the system's `ssh` cannot know. */
function sshFlags({ keyPath, knownHosts }: Settings["ssh"], env: Platform["env"]): string[] {
  const config = env["PXRUN_SSH_CONFIG"];
  return [
    ...(config ? ["-F", config] : []),
    ...(keyPath ? ["-i", keyPath] : []),
    ...(knownHosts ? ["-o", `UserKnownHostsFile=${knownHosts}`] : []),
  ];
}

/** As whom the API is called. */
interface Api {
  /** `user@realm!name` of a token, or `user@realm`. */
  readonly id: string;
  readonly rest: Rest;
  readonly readsOnly?: boolean;
}

/** The API, by whichever login there is. */
async function openApi(
  platform: Platform,
  settings: Settings,
  { via, way, connections }: Nodes,
  options: ConnectOptions,
): Promise<Api> {
  const { clock } = platform;
  const { login } = settings;
  const { readOnly, tempToken, timeouts, trace, onReply, warn } = options;
  const calling: CallingOptions = {
    clock,
    onReply,
    ...(trace && { onRequest: (request) => trace(traceLine(request)) }),
  };
  if (login.kind !== "ssh") {
    const transport = await directTransport(
      platform,
      settings,
      options.confirmCertificate,
      timeouts,
    );
    const loggedIn = directLogin(login, transport, clock, options);
    return { id: loggedIn.id, rest: createRest({ ...loggedIn, ...calling }) };
  }
  if (!readOnly && tempToken !== false) {
    const connection = () => connections.get(via);
    const user = async () => (await way(via)).user;
    const loggedIn = sshLogin({ connection, user, platform, timeouts });
    return { id: loggedIn.id, rest: createRest({ ...loggedIn, ...calling }) };
  }
  if (!readOnly) {
    warn?.("without a token every call is a pvesh over SSH, takes about a second, and only reads");
  }
  const caller = pveshCaller({
    connection: (node = via) => connections.get(node),
    user: async (node = via) => (await way(node)).user,
    clock,
  });
  return { id: PVESH_USER, rest: restOf(caller, calling), readsOnly: true };
}

function traceLine({ method, path, params, attempt }: TracedRequest): string {
  const shown = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`).join(" ");
  return `${method} ${path}${shown && ` ${shown}`}${attempt > 1 ? ` (try ${attempt})` : ""}`;
}
