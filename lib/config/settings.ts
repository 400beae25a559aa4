import { PxrunError } from "../core/errors.ts";
import { reveal, Secret } from "../core/secret.ts";
import { fingerprintPattern, parseHost, tokenIdPattern, userPattern } from "./forms.ts";
import { nameOf, type Setting, type SettingsOverrides } from "./resolve.ts";

/** Whom to talk to, as whom, and how to know it is them. */
export interface Settings {
  /** The API's address up to but without `/api2/json`: `https://pve.example:8006`. */
  readonly baseUrl: string;
  readonly login: Login;
  readonly trust: Trust;
  readonly ssh: SshSettings;
}

/** As whom to talk to the API. */
export type Login =
  /** `id` is `user@realm!name`. */
  | { readonly kind: "token"; readonly id: string; readonly secret: Secret }
  /** `user` is `user@realm`; without a password somebody is asked for it. */
  | { readonly kind: "password"; readonly user: string; readonly password?: Secret }
  /** As root of a node: a token is made over SSH, and removed at the end. */
  | { readonly kind: "ssh" };

/** Trust in the API's certificate. */
export type Trust =
  | { readonly kind: "fingerprint"; readonly fingerprint: string }
  | { readonly kind: "ca"; readonly caFile: string }
  | { readonly kind: "system" }
  /** Nothing does: any server that answers is believed. */
  | { readonly kind: "none" };

/** The settings of SSH; the rest comes from ssh_config. */
export interface SshSettings {
  readonly user?: string;
  readonly keyPath?: string;
  /** Nodes and their addresses: `pve01=root@10.0.0.1:22,pve02=…`. */
  readonly nodes?: string;
  /** Name of these in an error. */
  readonly nodesFrom?: string;
  /** Read instead of the user's own known_hosts files. */
  readonly knownHosts?: string;
}

/** Settings of a tailnet. */
export interface TailscaleSettings {
  /** An API access token: lets pxrun make keys and remove nodes. */
  readonly apiKey?: Secret;
  /** `-` is that of the API key. */
  readonly tailnet: string;
  /** A key to join with, where the recipe has none. */
  readonly authKey?: Secret;
  /** Tags of nodes whose key pxrun makes. */
  readonly tags: readonly string[];
}

/** The settings while they are read, and what is wrong with them. */
interface Reading {
  /** The value of a setting; undefined where no one gives it. */
  value(name: string): string | undefined;
  secret(name: string): Secret | undefined;
  /** Name of a setting in an error. */
  called(name: string): string;
  readonly problems: string[];
}

function reading(settings: readonly Setting[]): Reading {
  const values = new Map(settings.map(({ name, value }) => [name, value]));
  return {
    value: (name) => {
      const value = values.get(name);
      return value === undefined ? undefined : reveal(value);
    },
    secret: (name) => {
      const value = values.get(name);
      return typeof value === "string" ? new Secret(value) : value;
    },
    called: (name) => nameOf(name, settings),
    problems: [],
  };
}

/**
 * Reads the connection from settings that were resolved.
 *
 * @param options Whether no certificate need be checked.
 * @throws {PxrunError} USAGE with everything that is missing or malformed at once, each by the name
 * of what gave it.
 */
export function readSettings(
  settings: readonly Setting[],
  { insecure = false }: Pick<SettingsOverrides, "insecure"> = {},
): Settings {
  const from = reading(settings);
  const { value, called, problems } = from;
  const host = value("host");
  const baseUrl = host === undefined ? undefined : parseHost(host);
  const ssh = readSsh(from);
  const login = readLogin(from, host !== undefined || ssh.nodes !== undefined);
  if (ssh.user?.includes(":")) {
    problems.push(
      `${
        called("ssh.user")
      } holds more than a name: a password has no place in it, pxrun asks for one`,
    );
  }
  if (host !== undefined && baseUrl === undefined) {
    problems.push(`${called("host")} is not a host, host:port or https:// URL`);
  } else if (host === undefined && login.kind !== "ssh") {
    problems.unshift(`${called("host")} is not set: the name or address of a node`);
  }
  const knowsWhere = problems.length === 0;
  const trust = readTrust(from, login.kind, insecure);
  if (problems.length > 0) {
    throw new PxrunError("USAGE", `cannot connect to Proxmox:\n  ${problems.join("\n  ")}`, {
      ...(knowsWhere
        ? { hint: "`pvenode cert info` on the node shows the fingerprint" }
        : { remedies: [{ kind: "first-use" }] }),
    });
  }
  // Without a host there is SSH alone: this is what a node calls itself.
  return { baseUrl: baseUrl ?? "https://localhost:8006", login, trust, ssh };
}

function readSsh({ value, called }: Reading): SshSettings {
  const user = value("ssh.user");
  const keyPath = value("ssh.key");
  const nodes = value("ssh.nodes");
  const knownHosts = value("ssh.known_hosts");
  return {
    ...(user && { user }),
    ...(keyPath && { keyPath }),
    ...(nodes && { nodes, nodesFrom: called("ssh.nodes") }),
    ...(knownHosts && { knownHosts }),
  };
}

function readTrust(
  { value, called, problems }: Reading,
  kind: Login["kind"],
  insecure: boolean,
): Trust {
  // With SSH alone the certificate is read from the node itself.
  if (kind !== "ssh" && /^(0|false|no|off)$/i.test(value("verify_ssl") ?? "")) {
    if (insecure) return { kind: "none" };
    const what = kind === "token" ? "token" : "password";
    problems.push(
      `PROXMOX_VERIFY_SSL=false would send the ${what} to any server that answers; ` +
        "unset it and set PROXMOX_FINGERPRINT, or add --insecure if that is what you want",
    );
  }
  const fingerprint = value("fingerprint")?.trim();
  if (fingerprint) {
    if (!fingerprintPattern.test(fingerprint)) {
      problems.push(
        `${called("fingerprint")} is not a SHA-256 fingerprint: 32 pairs of hexadecimal digits`,
      );
    }
    return { kind: "fingerprint", fingerprint };
  }
  const caFile = value("ca_file");
  return caFile ? { kind: "ca", caFile } : { kind: "system" };
}

/**
 * Login: by token, by user and password, or by SSH alone, whichever is set first.
 *
 * @param hasRoute True if a node is named at all.
 */
function readLogin(from: Reading, hasRoute: boolean): Login {
  const given = (name: string): boolean => from.value(name) !== undefined;
  if (given("token_id") || given("token_secret")) return readToken(from);
  if (given("user") || given("password")) return readUser(from);
  // Where not even a node is named, the whole of the usual way is explained.
  return hasRoute ? { kind: "ssh" } : readToken(from);
}

function readToken({ value, secret, called, problems }: Reading): Login {
  const id = value("token_id") ?? "";
  const key = secret("token_secret");
  if (id === "") {
    problems.push(`${called("token_id")} is not set: user@realm!name of an API token`);
  } else if (!tokenIdPattern.test(id)) {
    problems.push(`${called("token_id")} is not of the form user@realm!name`);
  }
  if (key === undefined) {
    problems.push(`${called("token_secret")} is not set: the secret of that token`);
  }
  return { kind: "token", id, secret: key ?? new Secret("") };
}

/** A user without a realm is one of the node's own system, as at its login prompt. */
function readUser({ value, secret, called, problems }: Reading): Login {
  const name = value("user");
  const password = secret("password");
  const user = name === undefined || name.includes("@") ? name ?? "" : `${name}@pam`;
  if (user === "") {
    problems.push(`${called("user")} is not set: whose password ${called("password")} is`);
  } else if (!userPattern.test(user)) {
    problems.push(`${called("user")} is not of the form user@realm`);
  }
  return { kind: "password", user, ...(password && { password }) };
}

/** The settings of Tailscale. */
export function readTailscale(settings: readonly Setting[]): TailscaleSettings {
  const { value, secret } = reading(settings);
  const [apiKey, authKey] = [secret("tailscale.api_key"), secret("tailscale.auth_key")];
  return {
    tailnet: value("tailscale.tailnet") ?? "-",
    tags: (value("tailscale.tags") ?? "").split(",").map((tag) => tag.trim()).filter(Boolean),
    ...(apiKey && { apiKey }),
    ...(authKey && { authKey }),
  };
}
