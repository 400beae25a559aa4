import type { Remedy } from "../../core/remedy.ts";
import { quote } from "../../core/argv.ts";
import type { PxrunError } from "../../core/errors.ts";
import {
  AlreadyExists,
  Changed,
  InvalidParameter,
  Locked,
  type MissingRight,
  NotFound,
  PermissionDenied,
  ProxmoxError,
  Unauthorized,
  Unreachable,
} from "./errors.ts";

/** A refusal as it came: from an HTTP reply, or from a task's exit status. */
export interface Failure {
  /** Request, for the message: `POST /nodes/pve01/lxc`, `task vzcreate 105 on pve01`. */
  readonly request: string;
  /** The HTTP status; 500 for a task. */
  readonly status: number;
  /** The message, else the reason phrase, else the task's exit status. */
  readonly text: string;
  /** The reply's `errors`: parameter to complaint. */
  readonly errors?: Readonly<Record<string, string>>;
}

/**
 * The statuses of a proxy that got no answer: those from 590 on are what a node says
 * about another node of its cluster, the rest what a reverse proxy says about it.
 */
const UNANSWERED: ReadonlySet<number> = new Set(
  [502, 503, 504, 520, 521, 522, 523, 524, 530, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599],
);
/** Statuses by which a proxy in front of the API reports about the API itself; those from 520 on are Cloudflare's. */
const IN_FRONT: ReadonlySet<number> = new Set([502, 503, 504, 520, 521, 522, 523, 524, 530]);
/** 595 is a connection that was never made: nothing can have been carried out. */
const NEVER_CONNECTED = 595;
/**
 * The words of a node that cannot find another one, or gets no answer from it, whatever the status.
 * They say nothing of what was asked for: a container may well be there although its node
 * cannot be asked, and the next try may succeed.
 */
const NODE_NOT_FOUND =
  /^hostname lookup '(?<node>.*)' failed|^no such cluster node '(?<other>[^']*)'/;
const NODE_SILENT = /^(?:proxy loop detected|(?:proxied )?(?:request|connection) timed out)/i;

const EXISTS =
  /\b(?:CT|VM) \d+ already exists|snapshot name '.*' already used|refusing to override existing file/;
const MISSING = /\bdoes not exist\b|^no such (?:task|template|token)/;
/**
 * A lock with a name stays until what holds it has ended; all others are short: those of files,
 * and those that the cluster has for storages and other files that it shares. What went wrong below
 * one (`error with cfs lock 'storage-nas': no quorum!`) is no lock.
 */
const LOCKED =
  /\bis locked\b(?: \((?<lock>[^)]+)\))?|can't (?:lock file|(?:acquire|get|obtain)\b.*\block)|unable to (?:acquire|get|obtain)\b.*\block|\block (?:request )?time(?:out|d out)/i;
const STORAGE_LOCK = /'storage-|\bstorage\b/;
const CHANGED = /detected modified configuration/;
const ROOT_ONLY = /only (?:allowed for )?root\b|only root\b/i;
const RIGHT = /\((?<path>\/[^,()]*), (?<privileges>[\w.|]+)(?: for [^)]*)?\)/;

/** Next steps for refusals that have no class of their own. */
const HINTS: readonly (readonly [RegExp, string | Remedy])[] = [
  [/protection mode enabled/, "take the protection away first: pct set VMID --protection 0"],
  [/container is running/, "stop it first"],
  [
    /No space left on device|insufficient free space|reached threshold|: out of space/,
    "make room on the storage, or choose another",
  ],
  [/does not support/, "choose another storage: pvesm status on the node lists them"],
  [/used in HA resources|^There is a replication job\b/, { kind: "purge" }],
  [
    /\bno quorum\b|cluster not ready/,
    "too few nodes are up for the cluster to change anything: pvecm status on a node says which",
  ],
  [/^Method '.*' not implemented/, "is the other side Proxmox VE 8.4 or newer?"],
];

function asksNode(request: string, node: string | undefined): boolean {
  return node !== undefined && `${request}/`.includes(`/nodes/${node}/`);
}

/** Turns a refusal into the typed error that upper layers act on. Pure. */
export function classify(failure: Failure): PxrunError {
  const { request, status } = failure;
  if (UNANSWERED.has(status)) return unanswered(failure, status !== NEVER_CONNECTED);
  // A task has no path: what it could not reach is its own matter.
  if (request.includes("/nodes/")) {
    const { node, other } = NODE_NOT_FOUND.exec(failure.text)?.groups ?? {};
    // One that a parameter names, as the target of a move, is a wrong parameter.
    if (asksNode(request, node ?? other)) return unanswered(failure, false);
    if (NODE_SILENT.test(failure.text)) return unanswered(failure, true);
  }
  const fields = fieldsOf(failure.errors);
  const complaints = Object.entries(fields).map(([name, words]) => `${name}: ${words}`);
  const text = [oneLine(failure.text), complaints.join("; ")].filter((part) => part).join(" ");
  const message = `${text || `status ${status}`} (${request})`;
  const details = { status, text };
  // A lone complaint says what the matter is: "VM 200 already exists" is more than a bad vmid.
  const [said = text, ...more] = Object.values(fields);

  if (status === 401) {
    const hint = "check the token's id and secret, and that it has not expired";
    return new Unauthorized(message, { ...details, hint });
  }
  if (more.length > 0) return new InvalidParameter(message, { ...details, fields });
  if (EXISTS.test(said)) {
    const hint = "choose another; without a vmid the next free one is taken";
    return new AlreadyExists(message, { ...details, hint });
  }
  if (MISSING.test(said)) {
    const hint = "check the spelling, and what the token may see";
    return new NotFound(message, { ...details, hint });
  }
  const locked = LOCKED.exec(said);
  if (locked !== null) {
    const fewer = STORAGE_LOCK.test(said) ? "; of several at once fewer: --parallel 2" : "";
    const hint = `another task holds it: try again when that has ended${fewer}`;
    return new Locked(message, { ...details, lock: locked.groups?.["lock"], hint });
  }
  if (CHANGED.test(said)) {
    const hint = "another client changed it in between: run the command again";
    return new Changed(message, { ...details, hint });
  }
  if (complaints.length > 0) return new InvalidParameter(message, { ...details, fields });
  if (status === 403 || ROOT_ONLY.test(said)) {
    const missing = missingRight(said);
    return new PermissionDenied(message, { ...details, missing, hint: permissionHint(missing) });
  }
  const help = HINTS.find(([pattern]) => pattern.test(said))?.[1];
  return new ProxmoxError(message, {
    ...details,
    ...(typeof help === "object" ? { remedies: [help] } : { hint: help }),
  });
}

function unanswered({ request, status, text }: Failure, sent: boolean): Unreachable {
  const node = /\/nodes\/([^/? ]+)/.exec(request)?.[1];
  const who = node === undefined ? "the node behind the proxy" : `node ${node}`;
  return new Unreachable(`${who} does not answer: ${status} ${oneLine(text)} (${request})`, {
    transient: true,
    sent,
    away: IN_FRONT.has(status),
    hint: "is the node up, and does the one that was asked know its address?",
    remedies: [{ kind: "doctor" }],
  });
}

function missingRight(said: string): MissingRight {
  const groups = RIGHT.exec(said)?.groups;
  return {
    path: groups?.["path"],
    privileges: groups?.["privileges"]?.split("|") ?? [],
    rootOnly: ROOT_ONLY.test(said),
  };
}

function permissionHint({ path, privileges, rootOnly }: MissingRight): string {
  if (rootOnly) return "no token may do this, only root@pam itself: it needs SSH to the node";
  if (path === undefined) {
    return "see what the token may do: pveum user token permissions USER@REALM NAME";
  }
  return `give the token a role with ${privileges.join(" or ")}: ` +
    `pveum acl modify ${quote(path)} --tokens 'USER@REALM!NAME' --roles ROLE`;
}

function fieldsOf(errors: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(errors).map(([name, text]) => [name, oneLine(text)]));
}

/** Without line ends, and without the place in Proxmox's source where it was thrown. */
function oneLine(text: string): string {
  return text.trim().replace(/ at \/\S+ line \d+\.$/, "").replaceAll(/\s*\n\s*/g, "; ");
}
