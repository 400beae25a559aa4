import { commandLine } from "../../core/argv.ts";
import { messageOf, PxrunError } from "../../core/errors.ts";
import type { LoginLog } from "../auth/attempt.ts";
import type { Unusable } from "../auth/identity.ts";

/** Whom a connection is for. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The host that it is reached through. */
  readonly jump?: SshTarget | undefined;
}

/** `host:port` as people write it. */
export function addressOf({ host, port }: Pick<SshTarget, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** There is no connection, for a reason that the network or the host gave. */
export function unreachable(target: SshTarget, why: string, cause?: unknown): PxrunError {
  const through = target.jump ? ` through ${addressOf(target.jump)}` : "";
  return new PxrunError(
    "UNREACHABLE",
    `no SSH connection to ${addressOf(target)}${through}: ${why}`,
    {
      hint: `does \`${sshCommand(target)}\` work? ProxyJump in ~/.ssh/config leads through ` +
        "another host, PXRUN_SSH_NODES=NODE=user@host:port sets another address",
      cause,
    },
  );
}

/** The kinds of algorithms by ssh2's names, with the setting of sshd that offers them, and some known here. */
const ALGORITHMS:
  readonly (readonly [words: RegExp, kind: string, setting: string, known: string])[] = [
    [
      /key exchange/,
      "key exchange",
      "KexAlgorithms",
      "curve25519-sha256, ecdh-sha2-nistp256, diffie-hellman-group16-sha512 (none that is post-quantum)",
    ],
    [/host key/, "host key", "HostKeyAlgorithms", "ssh-ed25519, ecdsa-sha2-nistp256, rsa-sha2-512"],
    [
      /cipher/,
      "cipher",
      "Ciphers",
      "chacha20-poly1305@openssh.com, aes256-gcm@openssh.com, aes256-ctr",
    ],
    [
      /MAC/,
      "MAC",
      "MACs",
      "hmac-sha2-256-etm@openssh.com, hmac-sha2-512-etm@openssh.com (no umac)",
    ],
    [/compression/, "compression", "Compression", "none"],
  ];

/** The host offers no algorithm of some kind that is known here; undefined for another error. */
export function noCommonAlgorithm(target: SshTarget, cause: Error): PxrunError | undefined {
  const [, words = ""] = /no matching (.*)/.exec(cause.message) ?? [];
  const found = ALGORITHMS.find(([pattern]) => words !== "" && pattern.test(words));
  if (found === undefined) return undefined;
  const [, kind, setting, known] = found;
  return new PxrunError(
    "UNREACHABLE",
    `no SSH connection to ${addressOf(target)}: it offers no ${kind} algorithm that pxrun knows`,
    {
      hint: `let ${setting} in its sshd_config have one that pxrun knows, such as ${known}; ` +
        "that `ssh` connects tells nothing here",
      cause,
    },
  );
}

/** There was a connection, and it went away. */
export function connectionLost(target: SshTarget, cause: unknown): PxrunError {
  const why = cause === undefined ? "" : `: ${messageOf(cause)}`;
  return new PxrunError(
    "UNREACHABLE",
    `the SSH connection to ${addressOf(target)} was lost before the command ended${why}`,
    { hint: "the command may still be running there; run pxrun again to go on", cause },
  );
}

/** Why a key file was not offered, and what helps. */
const reasons: Readonly<Record<Unusable["reason"], readonly [why: string, help: string]>> = {
  encrypted: [
    "encrypted",
    "`ssh-add FILE` lets the SSH agent use it: pxrun asks for passphrases only on a terminal",
  ],
  locked: [
    "encrypted, and no passphrase opened it",
    "`ssh-keygen -y -f FILE` tells whether a passphrase is the right one",
  ],
  curve: ["an ECDSA P-521 key, which pxrun cannot use", "`ssh-keygen -t ed25519` makes one it can"],
  hardware: [
    "a hardware key (FIDO), which pxrun cannot use",
    "`ssh-keygen -t ed25519` makes a key that it can",
  ],
  certificate: [
    "a certificate, which pxrun cannot use",
    "IdentityFile (ssh_config) or SSH_KEY_PATH has to name a private key",
  ],
  unreadable: [
    "not a private key that pxrun can read",
    "`ssh-keygen -p -f FILE` rewrites it in OpenSSH's own format",
  ],
  denied: [
    "a file that this user may not read (permission denied)",
    "`ls -l FILE` shows whose it is",
  ],
  public: ["a public key, whose private key the SSH agent does not hold", "`ssh-add` adds it"],
};

/** The host accepted nothing of what there was to log in with. */
export function loginRefused(target: SshTarget, log: LoginLog, cause?: unknown): PxrunError {
  const who = `${target.user}@${addressOf(target)}`;
  const tried = log.tried.length > 0
    ? `${who} refused ${log.tried.join(", ")}`
    : `there is no SSH key to log in with as ${who}`;
  const passedOver = log.unusable.map(({ path, reason }) => `${path} is ${reasons[reason][0]}`);
  if (log.missing.length > 0) passedOver.push(`${log.missing.join(", ")} does not exist`);
  if (log.unsupported.length > 0) {
    passedOver.push(`pxrun cannot log in by ${log.unsupported.join(", ")}`);
  }
  if (log.silentAgent !== undefined) passedOver.push(`no agent answers on ${log.silentAgent}`);
  return new PxrunError("UNAUTHORIZED", [tried, ...passedOver].join("; "), {
    hint: [...keyHints(log), ...hostHint(target, log)].join("\n"),
    cause,
  });
}

function keyHints(log: LoginLog): string[] {
  return log.unusable.map(({ path, reason }) =>
    reasons[reason][1].replace("FILE", () => commandLine([path]))
  );
}

function hostHint(target: SshTarget, log: LoginLog): string[] {
  const port = target.port === 22 ? [] : ["-p", `${target.port}`];
  const copy = commandLine(["ssh-copy-id", ...port, `${target.user}@${target.host}`]);
  if (log.unsupported.length > 0) {
    return [
      "pxrun logs in by plain keys, not by certificates, hardware keys or tokens: " +
      `\`ssh-keygen -t ed25519\` makes one, \`${copy}\` lets it in`,
    ];
  }
  if (log.tried.length > 0) {
    return [`\`${copy}\` lets your key in; SSH_USER and SSH_KEY_PATH name another user or key`];
  }
  if (log.missing.length > 0) {
    return ["correct IdentityFile in ssh_config, or name the key with SSH_KEY_PATH"];
  }
  return log.unusable.length > 0
    ? []
    : [`\`ssh-keygen -t ed25519\` makes a key, \`${copy}\` lets it in`];
}

/** The command that does the same with `ssh`. */
export function sshCommand(target: SshTarget, ...command: string[]): string {
  const { host, port, user } = target;
  const hops = hopsTo(target).map((hop) => `${hop.user}@${addressOf(hop).replace(/:22$/, "")}`);
  const words = [
    ...(hops.length === 0 ? [] : ["-J", hops.join(",")]),
    ...(port === 22 ? [] : ["-p", `${port}`]),
    `${user}@${host}`,
    ...command,
  ];
  return commandLine(["ssh", ...words]);
}

/** The jump hosts on the way, the first one first. */
function hopsTo({ jump }: SshTarget): SshTarget[] {
  return jump === undefined ? [] : [...hopsTo(jump), jump];
}
