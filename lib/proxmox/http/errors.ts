import {
  type ErrorCode,
  type ErrorDetails,
  type ErrorJson,
  PxrunError,
} from "../../core/errors.ts";
import { plainLine } from "../../core/plain.ts";

/** Common part of all refusals by Proxmox. */
export interface RefusalDetails extends ErrorDetails {
  /** The HTTP status; 500 for a task, which has none. */
  readonly status: number;
  /** Proxmox's own words, on one line. */
  readonly text: string;
}

/**
 * Proxmox said no, for a reason that has no class of its own.
 *
 * @category Errors
 */
export class ProxmoxError extends PxrunError {
  /** The class, for the code that prints the error. */
  override readonly name: string = "ProxmoxError";
  /** The HTTP status; 500 for a task, which has none. */
  readonly status: number;
  /** Proxmox's own words, on one line. */
  readonly text: string;

  /**
   * Made by `classify`, from Proxmox's words.
   *
   * @param message Proxmox's words and what was asked.
   * @param details The status, the bare words, the hint.
   * @param code The kind of failure; the subclasses set it.
   */
  constructor(message: string, details: RefusalDetails, code: ErrorCode = "FAILED") {
    super(code, message, details);
    this.status = details.status;
    this.text = details.text;
  }
}

/**
 * The named object does not exist: a guest, node, storage, volume, task.
 *
 * @category Errors
 */
export class NotFound extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "NotFound";

  /** Made by `classify`, from Proxmox's words. */
  constructor(message: string, details: RefusalDetails) {
    super(message, details, "NOT_FOUND");
  }
}

/**
 * The vmid, name or file is taken.
 *
 * @category Errors
 */
export class AlreadyExists extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "AlreadyExists";

  /** Made by `classify`, from Proxmox's words. */
  constructor(message: string, details: RefusalDetails) {
    super(message, details, "ALREADY_EXISTS");
  }
}

/**
 * No ticket, a wrong token, or one that has ended.
 *
 * @category Errors
 */
export class Unauthorized extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "Unauthorized";

  /** Made by `classify`, from Proxmox's words. */
  constructor(message: string, details: RefusalDetails) {
    super(message, details, "UNAUTHORIZED");
  }
}

/** Which right is missing, as far as Proxmox says it. */
export interface MissingRight {
  /** The ACL path: `/vms/200`. */
  readonly path: string | undefined;
  /** Any one of these would do. */
  readonly privileges: readonly string[];
  /** No token can do it, only root@pam itself. */
  readonly rootOnly: boolean;
}

/**
 * The user or token may not do this.
 *
 * @category Errors
 */
export class PermissionDenied extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "PermissionDenied";
  /** Which right is missing, as far as Proxmox says it. */
  readonly missing: MissingRight;

  /** Made by `classify`, from Proxmox's words. */
  constructor(message: string, details: RefusalDetails & { readonly missing: MissingRight }) {
    super(message, details, "PERMISSION_DENIED");
    this.missing = details.missing;
  }
}

/**
 * A parameter's value does not fit.
 *
 * @category Errors
 */
export class InvalidParameter extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "InvalidParameter";
  /** Parameter name to what is wrong with it. */
  readonly fields: Readonly<Record<string, string>>;

  /** Made by `classify`, from Proxmox's words. */
  constructor(
    message: string,
    details: RefusalDetails & { readonly fields: Readonly<Record<string, string>> },
  ) {
    super(message, details, "INVALID_PARAMETER");
    this.fields = details.fields;
  }
}

/**
 * Another task holds the guest or its configuration.
 *
 * @category Errors
 */
export class Locked extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "Locked";
  /** The lock's name (`backup`); undefined for the short lock on the file. */
  readonly lock: string | undefined;

  /** Made by `classify`, from Proxmox's words. */
  constructor(message: string, details: RefusalDetails & { readonly lock: string | undefined }) {
    super(message, details, "LOCKED");
    this.lock = details.lock;
  }
}

/** Somebody else changed the configuration since it was read. */
export class Changed extends ProxmoxError {
  /** The class, for the code that prints the error. */
  override readonly name = "Changed";
}

/**
 * There was no reply.
 *
 * @category Errors
 */
export class Unreachable extends PxrunError {
  /** The class, for the code that prints the error. */
  override readonly name = "Unreachable";
  /** True if the same request may well succeed a moment later. */
  readonly transient: boolean;
  /** True if the request may have arrived, and so may have been carried out. */
  readonly sent: boolean;
  /** True if it is the API itself that is not there, and not a node behind it or a single reply. */
  readonly away: boolean;

  /**
   * Made by a transport, or for a proxy that got no reply.
   *
   * @param message Which host and port, and what happened.
   * @param details Whether to try again, whether the request got out, and whether the API
   * itself is not there (if not given: true for a request that did not get out).
   */
  constructor(
    message: string,
    details: ErrorDetails & {
      readonly transient: boolean;
      readonly sent: boolean;
      readonly away?: boolean | undefined;
    },
  ) {
    super("UNREACHABLE", message, details);
    this.transient = details.transient;
    this.sent = details.sent;
    this.away = details.away ?? !details.sent;
  }
}

/**
 * A certificate as the user may compare it with what the node itself prints.
 *
 * @category Errors
 */
export interface SeenCertificate {
  /** Host and port that showed it. */
  readonly place: string;
  /** SHA-256, `AA:BB…`. */
  readonly fingerprint: string;
  /** Whom it names, between quotes: anybody can write anything there. */
  readonly subject: string;
  /** Why nobody vouches for it. */
  readonly why: string;
}

/**
 * The node's certificate is not the one that was expected; nothing was sent to it.
 *
 * @category Errors
 */
export class Untrusted extends PxrunError {
  /** The class, for the code that prints the error. */
  override readonly name = "Untrusted";
  /** Certificate that was shown, if a user might accept it. */
  readonly seen: SeenCertificate | undefined;

  /**
   * Made before anything was sent.
   *
   * @param message Which host and port, and why its certificate is refused.
   * @param details The hint and the cause, and the certificate that a user may accept.
   */
  constructor(
    message: string,
    details: ErrorDetails & { readonly seen?: SeenCertificate | undefined } = {},
  ) {
    super("UNTRUSTED", message, details);
    this.seen = details.seen;
  }
}

/** Facts about a task that failed. */
export interface TaskFailedDetails {
  /** The task. */
  readonly upid: string;
  /** Why it failed, in Proxmox's words. */
  readonly exitstatus: string;
  /** The last lines of its log. */
  readonly lines: readonly string[];
  /** The same reason as a typed error: AlreadyExists, NotFound, Locked … */
  readonly reason: PxrunError;
  /** Next step if the reason does not give one. */
  readonly hint?: string;
}

/**
 * A task was started and ended in failure.
 *
 * @category Errors
 */
export class TaskFailed extends PxrunError {
  /** The class, for the code that prints the error. */
  override readonly name = "TaskFailed";
  /** The task. */
  readonly upid: string;
  /** Why it failed, in Proxmox's words. */
  readonly exitstatus: string;
  /** The last lines of its log. */
  readonly lines: readonly string[];
  /** The same reason as a typed error: AlreadyExists, NotFound, Locked … */
  readonly reason: PxrunError;

  /**
   * Made when the task's end was seen.
   *
   * @param message Which task, and why it failed.
   * @param details What is known of it.
   */
  constructor(message: string, details: TaskFailedDetails) {
    super("TASK_FAILED", message, {
      cause: details.reason,
      hint: details.reason.hint ?? details.hint,
      remedies: details.reason.remedies,
    });
    this.upid = details.upid;
    this.exitstatus = details.exitstatus;
    this.lines = details.lines.map(plainLine);
    this.reason = details.reason;
  }

  /** The error as plain data, with the task. */
  override toJSON(): ErrorJson {
    const { error } = super.toJSON();
    return { error: { ...error, task: { upid: this.upid, log: this.lines } } };
  }
}

/** The failed task that is the reason for an error, if there is one. */
export function taskBehind(error: unknown): TaskFailed | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof TaskFailed) return at;
  }
  return undefined;
}

/** The last lines of a failed task's log, without the one that repeats why it failed. */
export function lastWords({ lines, exitstatus }: TaskFailed): readonly string[] {
  return lines.filter((line) => line.trim() !== "" && line !== `TASK ERROR: ${exitstatus}`);
}
