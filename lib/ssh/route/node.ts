import { messageOf, PxrunError } from "../../core/errors.ts";
import { type Timeouts, usualTimeouts } from "../../core/limits.ts";
import type { Platform } from "../../core/platform.ts";
import { readSshConfig, type SshConfig, type SshConfigWorld } from "./config.ts";
import type { SshConnection } from "../client/connection.ts";
import { addressOf } from "../client/errors.ts";
import { knownHostKeys, rememberHost, UntrustedHostKey } from "../trust/host_keys.ts";
import { findJump, type SshWay } from "./jump.ts";
import { parseKnownHosts, readKnownHosts } from "../trust/known_hosts.ts";
import { type NodeAddress, type Route, type RouteSources, routeToNode } from "./node_address.ts";
import type { Asker, Unlock } from "../auth/questions.ts";

/** Only root may enter containers without further ado. */
const ROOT = "root";

/** Settings of the nodes' SSH servers besides ssh_config. */
export interface NodeSshOptions extends Pick<RouteSources, "nodes" | "nodesFrom"> {
  /** Goes before the user in ssh_config; without either it is root. */
  readonly user?: string | undefined;
  /** The only key to offer, instead of those in ssh_config. */
  readonly keyPath?: string | undefined;
  /** The only known_hosts file to believe, instead of those in ssh_config. */
  readonly knownHosts?: string | undefined;
  /** Asks the user; absent where nobody can be asked. */
  readonly questions?: Asker | undefined;
  /** Opens encrypted key files; absent where nobody can be asked. */
  readonly unlock?: Unlock | undefined;
  /** Silence of a host that is tolerated. */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Told, in one line, what went another way than usual. */
  readonly warn?: ((line: string) => void) | undefined;
  /** Address of a node from the API; asked only if no setting has it. */
  readonly ask?: (node: string) => Promise<Pick<RouteSources, "clusterIp" | "onlyHost">>;
}

/** Parts of the platform that connecting to a node needs. */
export type NodeSshWorld = SshConfigWorld & Pick<Platform, "clock" | "files">;

/** Address of a node's SSH server and the route to it. */
export interface NodeWay extends SshWay {
  /** Source of its address. */
  readonly from?: Route["from"];
}

/**
 * Finds a node the way `ssh` would, without connecting to it.
 *
 * @param node The node's name.
 * @throws {PxrunError} What `routeToNode` and `readSshConfig` throw.
 */
export async function findNode(
  node: string,
  options: NodeSshOptions,
  platform: NodeSshWorld,
): Promise<NodeWay> {
  const { nodes, nodesFrom } = options;
  const named = nodes?.has(node) ? undefined : await readSshConfig(node, platform, {
    user: options.user,
    otherwise: ROOT,
  });
  const asked = nodes?.has(node) || named?.named ? {} : await options.ask?.(node);
  const route = routeToNode(node, { nodes, nodesFrom, config: named, ...asked });
  const config = route.from === "ssh_config" ? named : undefined;
  return { ...await findAddress(route, options, platform, config), from: route.from };
}

/** Finds the way to an address, by what ssh_config says about it. */
async function findAddress(
  address: NodeAddress,
  options: NodeSshOptions,
  platform: NodeSshWorld,
  known?: SshConfig,
): Promise<SshWay> {
  const user = address.user ?? options.user;
  const config = known ?? await readSshConfig(address.host, platform, {
    port: address.port,
    user,
    otherwise: ROOT,
  });
  return {
    host: config.hostname,
    port: address.port ?? config.port,
    user: user ?? config.user ?? ROOT,
    config,
    jump: await findJump(config.proxyJump, platform, [address.host]),
  };
}

/**
 * Connects to a node that was found, with the user's known_hosts, agent and keys,
 * through the hosts that it is reached through.
 *
 * @throws {PxrunError} What `connectSsh` throws; NOT_FOUND when the key that is named does not exist.
 */
export async function connectToNode(
  way: NodeWay,
  options: NodeSshOptions,
  platform: NodeSshWorld,
  signal?: AbortSignal,
): Promise<SshConnection> {
  // The key that is named is for the nodes: on the way there, ssh_config says which to use.
  const through = way.jump &&
    await connectToNode(way.jump, { ...options, keyPath: undefined }, platform, signal);
  try {
    return await connectKnown(way, options, platform, { through, signal });
  } catch (error) {
    await through?.close();
    throw error;
  }
}

interface Attempt {
  readonly through: SshConnection | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects to a host that is known, or that the user says is the right one. The
 * question is asked between two connections: no host waits for it, and the second
 * one must present the very key that the user has seen.
 */
async function connectKnown(
  way: SshWay,
  options: NodeSshOptions,
  platform: NodeSshWorld,
  attempt: Attempt,
): Promise<SshConnection> {
  const questions = way.config.batchMode ? undefined : options.questions;
  try {
    return await connectOnce(way, options, platform, attempt);
  } catch (error) {
    if (!(error instanceof UntrustedHostKey) || !error.firstUse) throw error;
    const file = knownHostsFiles(way, options)[0];
    const asks = questions !== undefined && !way.config.strictHostKeys;
    if (!asks) throw error;
    const remember = async (): Promise<void> => {
      if (file === undefined) return options.warn?.(notKept(error.key.host));
      await rememberHost(platform.files, file, error.key, way.config.hashKnownHosts, options.warn);
    };
    if (!await questions.admit(error.key, remember)) throw error;
    return await connectOnce(way, options, platform, attempt, error.key.line);
  }
}

async function connectOnce(
  way: SshWay,
  options: NodeSshOptions,
  platform: NodeSshWorld,
  attempt: Attempt,
  admitted = "",
): Promise<SshConnection> {
  // ssh2 takes 80 ms to load: only who connects waits for it.
  const loading = Promise.all([import("../client/connect.ts"), import("../auth/identity.ts")]);
  const { host, port, user, config, jump } = way;
  const { keyPath } = options;
  const { connect: deadline, ssh: silence, shell: shellDeadline } = {
    ...usualTimeouts,
    ...options.timeouts,
  };
  const own = knownHostsFiles(way, options);
  const believed = options.knownHosts ? own : [...own, ...config.globalKnownHosts];
  // What the user has just said holds even if it could not be written.
  const unreadable: string[] = [];
  const known = [
    ...await readKnownHosts(platform.files, believed, (error) => {
      unreadable.push(messageOf(error));
    }),
    ...parseKnownHosts(admitted, "what was said here"),
  ];
  const [{ connectSsh }, { readIdentities }] = await loading;
  const keyFiles = keyPath ? [expandHome(keyPath, platform)] : config.identityFiles;
  const identities = await readIdentities(platform.files, keyFiles);
  if (keyPath && identities.length === 0) throw noSuchKey(keyPath);
  const missing = keyFiles.filter((path) => identities.every((one) => one.path !== path));
  const { questions, unlock } = config.batchMode ? {} : options;
  const name = { host, port, alias: config.hostKeyAlias };
  return await connectSsh({
    host,
    port,
    user,
    jump,
    identities,
    missing: keyFiles.every((path) => DEFAULT_KEY.test(path)) ? [] : missing,
    unsupported: await unsupported(config, keyFiles, platform),
    identitiesOnly: config.identitiesOnly || Boolean(keyPath),
    agent: config.agent,
    unlock,
    answer: questions &&
      ((prompt, echo) => questions.login(`${user}@${addressOf(way)}`, prompt, echo)),
    hostKeys: knownHostKeys(known, name, own[0], unreadable),
    clock: platform.clock,
    deadline,
    // An agent may ask its user.
    loginDeadline: 2 * silence,
    shellDeadline,
    // Lost after this many signs of life went unanswered, and one interval more.
    keepalive: { interval: silence / 4, missed: 3 },
    ...attempt,
  });
}

/** The user's own known_hosts files; a new line goes to the first. /dev/null keeps none. */
function knownHostsFiles(way: SshWay, { knownHosts }: NodeSshOptions): readonly string[] {
  const files = knownHosts ? [knownHosts] : way.config.userKnownHosts;
  return files.filter((path) => path !== "/dev/null");
}

function notKept(host: string): string {
  return `the host key of ${host} is not remembered: UserKnownHostsFile in ssh_config keeps none`;
}

/** The names that ssh tries by itself: that one of them is not there is no news. */
const DEFAULT_KEY = /[/\\]\.ssh[/\\]id_(rsa|dsa|ecdsa|ed25519|xmss)(_sk)?$/;

/** Ways of ssh to log in that are not supported here: certificates beside the keys, keys on a token. */
async function unsupported(
  { certificateFiles, pkcs11Provider }: SshConfig,
  keyFiles: readonly string[],
  { files }: NodeSshWorld,
): Promise<string[]> {
  const paths = new Set([...certificateFiles, ...keyFiles.map((path) => `${path}-cert.pub`)]);
  const found = await Promise.all([...paths].map(async (path) => {
    const there = await files.read(path).catch(() => undefined) !== undefined;
    return there ? [`the certificate ${path}`] : [];
  }));
  return [...found.flat(), ...(pkcs11Provider ? [`PKCS11Provider ${pkcs11Provider}`] : [])];
}

function expandHome(path: string, { home }: NodeSshWorld): string {
  return path.replace(/^~(?=[/\\])/, () => home ?? "~");
}

function noSuchKey(path: string): PxrunError {
  return new PxrunError("NOT_FOUND", `the SSH key ${path} does not exist`, {
    hint: "SSH_KEY_PATH names a private key file; without it pxrun goes by ~/.ssh/config",
  });
}
