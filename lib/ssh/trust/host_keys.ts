import { commandLine } from "../../core/argv.ts";
import { adviceOf, PxrunError } from "../../core/errors.ts";
import type { Files } from "../../core/platform.ts";
import type { HostName, KnownHost } from "./known_hosts.ts";
import { checkHostKey, hashHostName, knownHostsName, knownKeyTypes } from "./known_hosts.ts";
import { fingerprint, keyText, keyType } from "./wire.ts";

/** Which key a host must present before anything else is said to it. */
export interface HostKeys {
  /** Key types in the order to ask for; the host presents its key of the first type that it has. */
  readonly types: readonly string[];
  /** Why a presented key is refused; undefined when it is the host's own. */
  refusal(publicKey: Uint8Array): UntrustedHostKey | undefined;
}

/**
 * A host key as one shows it to a user.
 *
 * @category Clusters
 */
export interface PresentedHostKey {
  /** As known_hosts files call it: `host`, `[host]:port` or an alias. */
  readonly host: string;
  /** `ssh-ed25519` */
  readonly type: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** The known_hosts line that would vouch for the key. */
  readonly line: string;
  /** The command that prints the same fingerprint on the host itself. */
  readonly compare: string;
}

/** Details of a refused host key. */
export interface UntrustedHostKeyDetails {
  readonly hint: string;
  readonly key: PresentedHostKey;
  /** True if the host was only never seen before, so that a user may be asked. */
  readonly firstUse: boolean;
}

/** A host presented a key that nothing vouches for. No credential was sent to it. */
export class UntrustedHostKey extends PxrunError {
  override readonly name = "UntrustedHostKey";
  /** The key presented. */
  readonly key: PresentedHostKey;
  /** True if the host was only never seen before, so that a user may be asked. */
  readonly firstUse: boolean;

  /**
   * @param message Which host, which key, and why it is refused.
   * @param details The hint, the key, and whether one may ask.
   */
  constructor(message: string, details: UntrustedHostKeyDetails) {
    super("UNTRUSTED", message, { hint: details.hint });
    this.key = details.key;
    this.firstUse = details.firstUse;
  }
}

/** Every type that ssh2 can verify, in OpenSSH's order. */
const verifiable = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
];

/**
 * Host keys as the user's known_hosts files have them.
 *
 * @param known The lines of all files.
 * @param name The host.
 * @param addTo The file that a missing line belongs in; undefined where ssh_config keeps none.
 * @param unreadable Why files that may have its line cannot be read.
 */
export function knownHostKeys(
  known: readonly KnownHost[],
  name: HostName,
  addTo: string | undefined,
  unreadable: readonly string[] = [],
): HostKeys {
  const first = knownKeyTypes(known, name).filter((type) => verifiable.includes(type));
  return {
    // A host known only by its RSA key must be asked for that one, or it would seem changed.
    types: [...new Set([...first, ...verifiable])],
    refusal(publicKey) {
      const verdict = checkHostKey(known, name, publicKey);
      const key = describe(publicKey, name);
      switch (verdict.kind) {
        case "match":
          return undefined;
        case "revoked":
          return revoked(key, verdict.by);
        case "changed":
          return changed(key, verdict.stale, addTo);
        case "unknown":
          return unreadable.length > 0
            ? unjudged(key, unreadable)
            : unknown(key, verdict.authorities, addTo);
      }
    },
  };
}

function describe(publicKey: Uint8Array, name: HostName): PresentedHostKey {
  const host = knownHostsName(name);
  const type = keyType(publicKey);
  const short = type.replace(/^ssh-/, "").replace(/-.*/, "");
  return {
    host,
    type,
    fingerprint: fingerprint(publicKey),
    line: `${host} ${keyText(publicKey)}`,
    compare: `ssh-keygen -lf /etc/ssh/ssh_host_${short}_key.pub`,
  };
}

/** Way to make a key known. */
function addLine({ line }: PresentedHostKey, addTo: string | undefined): string {
  return addTo === undefined
    ? "add this line to a file and name that in PXRUN_KNOWN_HOSTS, since UserKnownHostsFile in " +
      `ssh_config keeps none:\n  ${line}`
    : `add this line to ${addTo}:\n  ${line}`;
}

/** True if a file that may know the host cannot be read: no question is asked then. */
function unjudged(key: PresentedHostKey, unreadable: readonly string[]): UntrustedHostKey {
  return new UntrustedHostKey(
    `the SSH host key of ${key.host} cannot be checked: ${unreadable.join("; ")}`,
    {
      key,
      firstUse: false,
      hint: "let this user read it (`ls -l` shows whose it is), or name another file in " +
        "PXRUN_KNOWN_HOSTS",
    },
  );
}

function unknown(
  key: PresentedHostKey,
  authorities: readonly KnownHost[],
  addTo: string | undefined,
): UntrustedHostKey {
  const ignored = authorities.map((known) =>
    `\n${known.file}:${known.line} trusts a certificate authority, which pxrun does not check`
  );
  return new UntrustedHostKey(
    `the SSH host key of ${key.host} is not known: it presents the ${key.type} key ${key.fingerprint}`,
    {
      key,
      firstUse: true,
      hint: `compare it with what \`${key.compare}\` prints on the host itself, then ` +
        addLine(key, addTo) + ignored.join(""),
    },
  );
}

function changed(
  key: PresentedHostKey,
  stale: readonly KnownHost[],
  addTo: string | undefined,
): UntrustedHostKey {
  const held = stale.map((known) => {
    const type = keyType(known.publicKey);
    return `${known.file}:${known.line} holds the ${type} key ${fingerprint(known.publicKey)}`;
  });
  const remove = [...new Set(stale.map((known) => known.file))]
    .map((file) => commandLine(["ssh-keygen", "-R", key.host, "-f", file])).join(" && ");
  return new UntrustedHostKey(
    `the SSH host key of ${key.host} has changed: it presents the ${key.type} key ${key.fingerprint}`,
    {
      key,
      firstUse: false,
      hint: `${held.join("\n")}; it presents ${key.fingerprint}\n` +
        "another host may be in between. If you know that the host has a new key: " +
        `\`${remove}\`, then ${addLine(key, addTo)}`,
    },
  );
}

function revoked(key: PresentedHostKey, by: KnownHost): UntrustedHostKey {
  return new UntrustedHostKey(
    `the SSH host key of ${key.host} is revoked: it presents the ${key.type} key ${key.fingerprint}`,
    {
      key,
      firstUse: false,
      hint: `${by.file}:${by.line} revokes it: do not use this host until it has a new key`,
    },
  );
}

/**
 * Adds a host's key, which the user has found right, to a known_hosts file. Where that cannot be
 * written, the next time asks again.
 *
 * @param hashed Hide the host's name, as HashKnownHosts says.
 * @param warn Told that it cannot be written.
 */
export async function rememberHost(
  files: Pick<Files, "appendLine">,
  file: string,
  { host, line }: PresentedHostKey,
  hashed: boolean,
  warn?: (line: string) => void,
): Promise<void> {
  try {
    await files.appendLine(file, hashed ? hashHostName(host) + line.slice(host.length) : line);
  } catch (error) {
    warn?.(`the host key of ${host} is not remembered: ${adviceOf(error)}`);
  }
}
