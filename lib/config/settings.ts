import { PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Env } from "../core/world.ts";

/** Whom to talk to, as whom, and how to know it is them. */
export interface Settings {
  /** The API's address up to but without `/api2/json`: `https://pve.example:8006`. */
  readonly baseUrl: string;
  /** `user@realm!name`. */
  readonly tokenId: string;
  readonly tokenSecret: Secret;
  readonly trust: Trust;
  readonly ssh: SshSettings;
}

/** What makes the API's certificate the right one. */
export type Trust =
  | { readonly kind: "fingerprint"; readonly fingerprint: string }
  | { readonly kind: "ca"; readonly caFile: string }
  | { readonly kind: "system" };

/** What the environment says about SSH; the rest comes from ssh_config. */
export interface SshSettings {
  readonly user?: string;
  readonly keyPath?: string;
  /** `pve01=root@10.0.0.1:22,pve02=…`. */
  readonly nodes?: string;
  /** Read instead of the user's own known_hosts files. */
  readonly knownHosts?: string;
}

/** What a script may set instead of the environment. */
export interface SettingsOverrides {
  readonly host?: string;
  readonly tokenId?: string;
  readonly tokenSecret?: string | Secret;
  readonly fingerprint?: string;
  readonly caFile?: string;
  readonly sshUser?: string;
  readonly sshKeyPath?: string;
  readonly sshNodes?: string;
  readonly knownHosts?: string;
}

/** The form of a token id. */
export const tokenIdPattern = /^[^\s@!]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]+$/;
/** The form of a SHA-256 fingerprint. */
export const fingerprintPattern = /^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i;

/**
 * The API's base URL from what people type: a name, `name:port`, or a URL with
 * a path prefix. Without a port a bare name means 8006 and a URL its own default.
 */
export function parseHost(text: string): string | undefined {
  const trimmed = text.trim();
  const isUrl = /^https?:\/\//i.test(trimmed);
  if (/^http:/i.test(trimmed) || trimmed === "") return undefined;
  const bareIpv6 = !isUrl && /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*$/i.test(trimmed);
  const candidate = isUrl ? trimmed : `https://${bareIpv6 ? `[${trimmed}]` : trimmed}`;
  if (!URL.canParse(candidate)) return undefined;
  const url = new URL(candidate);
  if (url.username !== "" || url.search !== "" || url.hash !== "") return undefined;
  if (!isUrl && url.port === "" && !/:443(\/|$)/.test(trimmed)) url.port = "8006";
  const path = url.pathname.replace(/\/+$/, "").replace(/\/api2\/json$/, "");
  return `https://${url.host}${path}`;
}

function readTrust(
  env: Env,
  set: SettingsOverrides,
  problems: string[],
): Trust {
  const fingerprint = set.fingerprint ?? env["PROXMOX_FINGERPRINT"];
  const caFile = set.caFile ?? env["PROXMOX_CA_FILE"];
  if (/^(0|false|no|off)$/i.test(env["PROXMOX_VERIFY_SSL"] ?? "")) {
    problems.push(
      "PROXMOX_VERIFY_SSL=false would send the token to whoever answers; " +
        "unset it and set PROXMOX_FINGERPRINT",
    );
  }
  if (fingerprint) {
    if (!fingerprintPattern.test(fingerprint)) {
      problems.push(
        "PROXMOX_FINGERPRINT is not a SHA-256 fingerprint: 32 pairs of hexadecimal digits",
      );
    }
    return { kind: "fingerprint", fingerprint };
  }
  return caFile ? { kind: "ca", caFile } : { kind: "system" };
}

/**
 * Reads the connection from the environment.
 *
 * @param env The environment.
 * @param set What wins over it.
 * @throws {PxrunError} USAGE with everything that is missing or malformed at once.
 */
export function readSettings(env: Env, set: SettingsOverrides = {}): Settings {
  const problems: string[] = [];
  const host = set.host ?? env["PROXMOX_HOST"] ?? "";
  const tokenId = set.tokenId ?? env["PROXMOX_TOKEN_ID"] ?? "";
  const secret = set.tokenSecret ?? env["PROXMOX_TOKEN_SECRET"] ?? "";
  const baseUrl = parseHost(host);
  if (host === "") problems.push("PROXMOX_HOST is not set: the name or address of a node");
  else if (baseUrl === undefined) {
    problems.push(`PROXMOX_HOST "${host}" is not a host, host:port or https:// URL`);
  }
  if (tokenId === "") {
    const password = env["PROXMOX_PASSWORD"] ?? env["PROXMOX_USER"];
    problems.push(
      password === undefined
        ? "PROXMOX_TOKEN_ID is not set: user@realm!name of an API token"
        : "PROXMOX_USER and PROXMOX_PASSWORD are not supported yet: set PROXMOX_TOKEN_ID and PROXMOX_TOKEN_SECRET",
    );
  } else if (!tokenIdPattern.test(tokenId)) {
    problems.push(`PROXMOX_TOKEN_ID "${tokenId}" is not of the form user@realm!name`);
  }
  if (secret === "") problems.push("PROXMOX_TOKEN_SECRET is not set: the secret of that token");
  const trust = readTrust(env, set, problems);
  if (problems.length > 0 || baseUrl === undefined) {
    throw new PxrunError("USAGE", `cannot connect to Proxmox:\n  ${problems.join("\n  ")}`, {
      hint: "no cluster at hand? `pxrun simulator --print-env` starts one and prints the variables",
    });
  }
  return {
    baseUrl,
    tokenId,
    tokenSecret: secret instanceof Secret ? secret : new Secret(secret),
    trust,
    ssh: readSsh(env, set),
  };
}

function readSsh(env: Env, set: SettingsOverrides): SshSettings {
  const user = set.sshUser ?? env["SSH_USER"];
  const keyPath = set.sshKeyPath ?? env["SSH_KEY_PATH"];
  const nodes = set.sshNodes ?? env["PXRUN_SSH_NODES"];
  const knownHosts = set.knownHosts ?? env["PXRUN_KNOWN_HOSTS"];
  return {
    ...(user && { user }),
    ...(keyPath && { keyPath }),
    ...(nodes && { nodes }),
    ...(knownHosts && { knownHosts }),
  };
}
