import { PxrunError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Env } from "../core/world.ts";
import { type Login, type LoginOverrides, readLogin } from "./login.ts";

/** One setting, and who gave it. */
export interface Setting {
  /** Its path in a context: `ssh.user`. */
  readonly name: string;
  readonly value: string | Secret;
  readonly source: "flag" | "environment" | "file" | "default";
  /** Where exactly: the variable, or the path in the config file. */
  readonly from: string;
}

/** Whom to talk to, as whom, and how to know it is them. */
export interface Settings {
  /** The API's address up to but without `/api2/json`: `https://pve.example:8006`. */
  readonly baseUrl: string;
  readonly login: Login;
  readonly trust: Trust;
  readonly ssh: SshSettings;
}

/** What makes the API's certificate the right one. */
export type Trust =
  | { readonly kind: "fingerprint"; readonly fingerprint: string }
  | { readonly kind: "ca"; readonly caFile: string }
  | { readonly kind: "system" }
  /** Nothing does: whoever answers is believed. */
  | { readonly kind: "none" };

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
  kind: Login["kind"],
  problems: string[],
): Trust {
  const fingerprint = (set.fingerprint ?? env["PROXMOX_FINGERPRINT"])?.trim();
  const caFile = set.caFile ?? env["PROXMOX_CA_FILE"];
  // With SSH alone the certificate is read from the node itself.
  if (kind !== "ssh" && /^(0|false|no|off)$/i.test(env["PROXMOX_VERIFY_SSL"] ?? "")) {
    if (set.insecure) return { kind: "none" };
    const what = kind === "token" ? "token" : "password";
    problems.push(
      `PROXMOX_VERIFY_SSL=false would send the ${what} to whoever answers; ` +
        "unset it and set PROXMOX_FINGERPRINT, or add --insecure if that is what you want",
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
  const baseUrl = parseHost(host);
  const ssh = readSsh(env, set);
  const login = readLogin(env, set, host !== "" || ssh.nodes !== undefined, problems);
  if (ssh.user?.includes(":")) {
    problems.push(
      "SSH_USER holds more than a name: a password has no place in it, pxrun asks for one",
    );
  }
  if (host !== "" && baseUrl === undefined) {
    problems.push("PROXMOX_HOST is not a host, host:port or https:// URL");
  } else if (host === "" && login.kind !== "ssh") {
    problems.unshift("PROXMOX_HOST is not set: the name or address of a node");
  }
  const knowsWhere = problems.length === 0;
  const trust = readTrust(env, set, login.kind, problems);
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
