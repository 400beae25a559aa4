import { reveal, type Secret } from "../core/secret.ts";
import type { Env } from "../core/platform.ts";
import type { ContextConfig } from "./types.ts";

/**
 * A context of a config file that was chosen and read.
 *
 * @category Clusters
 */
export interface OpenContext {
  /** The config file. */
  readonly file: string;
  /** The context's name. */
  readonly name: string;
  readonly values: ContextConfig;
}

/** One setting, and who gave it. */
export interface Setting {
  /** Its path in a context: `ssh.user`. */
  readonly name: string;
  readonly value: string | Secret;
  readonly source: "flag" | "environment" | "file" | "default";
  /** Exact source: the variable, or the path in the config file. */
  readonly from: string;
}

/**
 * Values that a script may set instead of the environment.
 *
 * @category Clusters
 */
export interface LoginOverrides {
  readonly tokenId?: string;
  readonly tokenSecret?: string | Secret;
  readonly user?: string;
  readonly password?: string | Secret;
}

/**
 * Values that a script or flags set instead of the environment.
 *
 * @category Clusters
 */
export interface SettingsOverrides extends LoginOverrides {
  readonly host?: string;
  readonly fingerprint?: string;
  readonly caFile?: string;
  /** Together with `PROXMOX_VERIFY_SSL=false`: believe whatever certificate there is. */
  readonly insecure?: boolean;
  readonly sshUser?: string;
  readonly sshKeyPath?: string;
  readonly sshNodes?: string;
  readonly knownHosts?: string;
}

interface Definition {
  /** The variable of the environment, where there is one. */
  readonly variable?: string;
  readonly flag?: Exclude<keyof SettingsOverrides, "insecure">;
  readonly file: (context: ContextConfig) => string | Secret | undefined;
  readonly fallback?: string;
}

/** Every setting there is, by its path in a context. */
const definitions: Readonly<Record<string, Definition>> = {
  host: { variable: "PROXMOX_HOST", flag: "host", file: hostWithPort },
  token_id: { variable: "PROXMOX_TOKEN_ID", flag: "tokenId", file: (c) => c.token_id },
  token_secret: {
    variable: "PROXMOX_TOKEN_SECRET",
    flag: "tokenSecret",
    file: (c) => c.token_secret,
  },
  user: { variable: "PROXMOX_USER", flag: "user", file: (c) => c.user },
  password: { variable: "PROXMOX_PASSWORD", flag: "password", file: (c) => c.password },
  fingerprint: {
    variable: "PROXMOX_FINGERPRINT",
    flag: "fingerprint",
    file: (c) => c.fingerprint,
  },
  verify_ssl: { variable: "PROXMOX_VERIFY_SSL", file: () => undefined },
  ca_file: { variable: "PROXMOX_CA_FILE", flag: "caFile", file: (c) => c.ca_file },
  "ssh.user": { variable: "SSH_USER", flag: "sshUser", file: (c) => c.ssh?.user },
  "ssh.key": { variable: "SSH_KEY_PATH", flag: "sshKeyPath", file: (c) => c.ssh?.key },
  "ssh.known_hosts": {
    variable: "PXRUN_KNOWN_HOSTS",
    flag: "knownHosts",
    file: (c) => c.ssh?.known_hosts,
  },
  "ssh.nodes": { variable: "PXRUN_SSH_NODES", flag: "sshNodes", file: nodeList },
  pool: { file: (c) => c.pool },
  "defaults.node": { file: (c) => c.defaults?.node },
  "defaults.template": { file: (c) => c.defaults?.template },
  "defaults.storage_pool": { file: (c) => c.defaults?.storage_pool },
  "defaults.bridge": { file: (c) => c.defaults?.bridge },
  "defaults.ssh_key": { file: (c) => c.defaults?.ssh_key },
  "tailscale.api_key": { variable: "TAILSCALE_API_KEY", file: (c) => c.tailscale?.api_key },
  "tailscale.tailnet": {
    variable: "TAILSCALE_TAILNET",
    file: (c) => c.tailscale?.tailnet,
    fallback: "-",
  },
  "tailscale.auth_key": { variable: "TAILSCALE_AUTH_KEY", file: (c) => c.tailscale?.auth_key },
  "tailscale.tags": {
    variable: "TAILSCALE_TAGS",
    file: (c) => c.tailscale?.tags,
    fallback: "tag:container",
  },
};

/** Settings further down that a setting hides: other means to the same end. */
const rivals: Readonly<Record<string, readonly string[]>> = {
  fingerprint: ["ca_file"],
  ca_file: ["fingerprint"],
  token_id: ["user", "password"],
  user: ["token_id", "token_secret"],
};

/** Whose secret it is: that of another one is of no use. */
const owners: Readonly<Record<string, string>> = { token_secret: "token_id", password: "user" };

/**
 * Decides what holds: a flag before the environment, that before the config file, and that
 * before what holds by itself. An empty text counts as not given.
 *
 * @param flags What the command line or a script gives.
 * @param context What the config file gives.
 * @returns Every setting that somebody gives, with where it came from.
 */
export function resolveSettings(
  flags: SettingsOverrides,
  env: Env,
  context: OpenContext | undefined,
): Setting[] {
  const layers: Map<string, Setting>[] = [new Map(), new Map(), new Map(), new Map()];
  const put = (
    layer: number,
    setting: Omit<Setting, "value">,
    value: Setting["value"] | undefined,
  ): void => {
    if (value === undefined || value === "") return;
    layers[layer]?.set(setting.name, { ...setting, value });
  };
  for (const [name, { variable = "", flag, file, fallback }] of Object.entries(definitions)) {
    put(0, { name, source: "flag", from: name }, flag && flags[flag]);
    put(1, { name, source: "environment", from: variable }, env[variable]);
    const from = `contexts.${context?.name}.${name} in ${context?.file}`;
    put(2, { name, source: "file", from }, context && file(context.values));
    put(3, { name, source: "default", from: "pxrun" }, fallback);
  }
  return Object.keys(definitions).flatMap((name) => {
    const at = layers.findIndex((layer) => layer.has(name));
    const above = layers.slice(0, Math.max(0, at));
    const excluded = above.some((layer) =>
      [...layer.keys()].some((rival) => rivals[rival]?.includes(name))
    );
    const owner = owners[name];
    const own = owner === undefined ? undefined : layers[at]?.get(owner)?.value;
    const others = owner !== undefined && own !== undefined &&
      above.some((layer) => layer.has(owner) && layer.get(owner)?.value !== own);
    const found = layers[at]?.get(name);
    return found === undefined || excluded || others ? [] : [found];
  });
}

/** Name of a setting in an error: by its place in the file, else by the variable that sets it. */
export function nameOf(name: string, settings: readonly Setting[]): string {
  const given = settings.find((setting) => setting.name === name);
  return given?.source === "file" ? given.from : definitions[name]?.variable ?? name;
}

/** A value for a recipe that gives none itself. */
export interface RecipeDefault {
  readonly path: string;
  readonly value: string;
  readonly source: string;
}

const recipePaths: Readonly<Record<string, string>> = {
  pool: "container.pool",
  "defaults.node": "container.node",
  "defaults.template": "container.template",
  "defaults.storage_pool": "container.resources.storage_pool",
  "defaults.bridge": "container.network[0].bridge",
  "defaults.ssh_key": "provisioning.ssh_keys[+]",
};

/** Defaults of a context for recipes. */
export function recipeDefaults(context: OpenContext | undefined): RecipeDefault[] {
  return resolveSettings({}, {}, context).flatMap(({ name, value, from }) => {
    const path = recipePaths[name];
    return path === undefined ? [] : [{ path, value: reveal(value), source: from }];
  });
}

/** A port of its own belongs to the host; one in the host's own text is not touched. */
function hostWithPort({ host, port }: ContextConfig): string | undefined {
  if (host === undefined || port === undefined) return host;
  if (/^https:\/\//i.test(host)) {
    const url = new URL(host);
    if (url.port === "") url.port = port;
    return url.href;
  }
  const bareIpv6 = /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*$/i.test(host);
  if (bareIpv6) return `[${host}]:${port}`;
  return /:\d+$/.test(host) ? host : `${host}:${port}`;
}

function nodeList({ ssh }: ContextConfig): string | undefined {
  return ssh?.nodes &&
    Object.entries(ssh.nodes).map(([node, address]) => `${node}=${address}`).join(",");
}
