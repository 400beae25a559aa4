import { PxrunError } from "../core/errors.ts";
import type { World } from "../core/world.ts";
import { readSshConfig, type SshConfig } from "./config.ts";
import type { SshConnection } from "./connection.ts";
import type { SshTarget } from "./errors.ts";
import { knownHostKeys } from "./host_keys.ts";
import { readKnownHosts } from "./known_hosts.ts";
import { type NodeAddress, type RouteSources, routeToNode } from "./node_address.ts";

/** What is said about the nodes' SSH servers besides ssh_config. */
export interface NodeSshOptions extends Pick<RouteSources, "nodes"> {
  /** Goes before the user in ssh_config; without either it is root. */
  readonly user?: string | undefined;
  /** The only key to offer, instead of those in ssh_config. */
  readonly keyPath?: string | undefined;
  /** The only known_hosts file to believe, instead of those in ssh_config. */
  readonly knownHosts?: string | undefined;
  /** What the API knows of a node's address; asked only when nobody else says where it is. */
  readonly ask?: (node: string) => Promise<Pick<RouteSources, "clusterIp" | "onlyHost">>;
}

/** What connecting to a node needs of the machine. */
export type NodeSshWorld = Pick<World, "clock" | "env" | "files" | "home" | "run">;

/** Where a node's SSH server is, with all that ssh_config says about it. */
export interface NodeWay extends SshTarget {
  readonly config: SshConfig;
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
  world: NodeSshWorld,
): Promise<NodeWay> {
  const named = options.nodes?.has(node) ? undefined : await readSshConfig(node, world);
  const asked = options.nodes?.has(node) || named?.named ? {} : await options.ask?.(node);
  const route = routeToNode(node, { nodes: options.nodes, config: named, ...asked });
  if (named !== undefined && route.from === "ssh_config") return way(route, named, options);
  const user = route.user ?? options.user;
  return way(route, await readSshConfig(route.host, world, { port: route.port, user }), options);
}

function way(address: NodeAddress, config: SshConfig, options: NodeSshOptions): NodeWay {
  return {
    host: config.hostname,
    port: address.port ?? config.port,
    // Only root may enter containers without further ado.
    user: address.user ?? options.user ?? config.user ?? "root",
    config,
  };
}

/**
 * Connects to a node that was found, with the user's known_hosts, agent and keys.
 *
 * @throws {PxrunError} What `connectSsh` throws; NOT_FOUND when the key that is named does not exist.
 */
export async function connectToNode(
  { host, port, user, config }: NodeWay,
  options: NodeSshOptions,
  world: NodeSshWorld,
  signal?: AbortSignal,
): Promise<SshConnection> {
  // ssh2 takes 80 ms to load: only who connects waits for it.
  const loading = Promise.all([import("./connect.ts"), import("./identity.ts")]);
  const { keyPath } = options;
  const own = options.knownHosts ? [options.knownHosts] : config.userKnownHosts;
  const believed = options.knownHosts ? own : [...own, ...config.globalKnownHosts];
  const known = await readKnownHosts(world.files, believed);
  const [{ connectSsh }, { readIdentities }] = await loading;
  const keyFiles = keyPath ? [expandHome(keyPath, world)] : config.identityFiles;
  const identities = await readIdentities(world.files, keyFiles);
  if (keyPath && identities.length === 0) throw noSuchKey(keyPath);
  const name = { host, port, alias: config.hostKeyAlias };
  return await connectSsh({
    host,
    port,
    user,
    identities,
    identitiesOnly: config.identitiesOnly || Boolean(keyPath),
    agent: config.agent,
    hostKeys: knownHostKeys(known, name, own[0] ?? "~/.ssh/known_hosts"),
    clock: world.clock,
    signal,
  });
}

function expandHome(path: string, { home }: NodeSshWorld): string {
  return path.replace(/^~(?=[/\\])/, () => home ?? "~");
}

function noSuchKey(path: string): PxrunError {
  return new PxrunError("NOT_FOUND", `the SSH key ${path} does not exist`, {
    hint: "SSH_KEY_PATH names a private key file; without it pxrun goes by ~/.ssh/config",
  });
}
