import { plain } from "./plain.ts";
import type { Remedy } from "./remedy.ts";

/**
 * Kinds of errors, as a closed list. `lib/cli/app/exit.ts` is the one place that
 * turns a code into an exit status.
 *
 * @category Errors
 */
export type ErrorCode =
  | "FAILED"
  | "USAGE"
  | "INVALID_RECIPE"
  | "NOT_BUILT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "INVALID_PARAMETER"
  | "UNAUTHORIZED"
  | "PERMISSION_DENIED"
  | "UNTRUSTED"
  | "UNREACHABLE"
  | "LOCKED"
  | "TASK_FAILED"
  | "STEP_FAILED"
  | "TIMEOUT"
  | "INTERRUPTED"
  | "CANCELLED";

/**
 * An error as programs read it: what `--json` prints of it.
 *
 * @category Errors
 */
export interface ErrorJson {
  /** The failure; `problems` are all of its reasons, `task` the Proxmox task that failed. */
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string | undefined;
    readonly remedies?: readonly Remedy[];
    readonly problems?: readonly object[];
    readonly task?: { readonly upid: string; readonly log: readonly string[] };
  };
  /** The state that the failure left: `kept`, `containers`. */
  readonly [state: string]: unknown;
}

/**
 * Parts of a {@linkcode PxrunError}.
 *
 * @category Errors
 */
export interface ErrorDetails {
  /** Next step, in words that name no command of pxrun. */
  readonly hint?: string | undefined;
  /** Commands of pxrun that may help. */
  readonly remedies?: readonly Remedy[] | undefined;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/**
 * Every failure that pxrun itself explains. The message says what could not be
 * done, why, and with which value; the hint says what to type next. Both are plain: no
 * terminal obeys what a server or a container wrote in them.
 *
 * @example Tell a refusal from a crash
 * ```ts
 * import { PxrunError } from "../../mod.ts";
 * import assert from "node:assert/strict";
 *
 * const error = new PxrunError("NOT_FOUND", "no container is called web", {
 *   hint: "name it by its vmid",
 * });
 * assert.equal(error.code, "NOT_FOUND");
 * ```
 *
 * @category Errors
 */
export class PxrunError extends Error {
  override readonly name: string = "PxrunError";
  /** The kind of failure. */
  readonly code: ErrorCode;
  /** Next step, if there is one. */
  readonly hint: string | undefined;
  /** Commands of pxrun that may help, as data. */
  readonly remedies: readonly Remedy[];

  /**
   * @param code The kind of failure.
   * @param message What could not be done, why, and with which value.
   * @param details The hint and the cause.
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(plain(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint === undefined ? undefined : plain(details.hint);
    this.remedies = details.remedies ?? [];
  }

  /** The error as plain data; with the task behind it, where one failed. */
  toJSON(): ErrorJson {
    const { code, message, hint, remedies, cause } = this;
    const { task } = cause instanceof PxrunError ? cause.toJSON().error : {};
    const more = { ...(remedies.length > 0 && { remedies }), ...(task && { task }) };
    return { error: { code, message, hint, ...more } };
  }
}

/**
 * An error with several reasons.
 *
 * @category Errors
 */
export class ManyProblems<P extends object = object> extends PxrunError {
  override readonly name: string = "ManyProblems";
  /** All of the reasons. */
  readonly problems: readonly P[];

  /**
   * @param code The kind of failure.
   * @param message All of the reasons as text.
   * @param problems At least one reason.
   * @param details The hint and the cause.
   */
  constructor(code: ErrorCode, message: string, problems: readonly P[], details?: ErrorDetails) {
    super(code, message, details);
    this.problems = problems;
  }

  /** The error as plain data, with its problems. */
  override toJSON(): ErrorJson {
    const { error } = super.toJSON();
    return { error: { ...error, problems: this.problems } };
  }
}

/**
 * The error of a run that the user or the caller ended.
 *
 * @category Errors
 */
export class Interrupted extends PxrunError {
  override readonly name = "Interrupted";

  /** @param what What was being done, as a noun phrase: "the create of web". */
  constructor(what: string) {
    super("INTERRUPTED", `interrupted: ${what} was not finished`);
  }
}

/** The error of a run whose question was answered with no. */
export class Cancelled extends PxrunError {
  override readonly name = "Cancelled";

  /** Nothing is to be said but that. */
  constructor() {
    super("CANCELLED", "cancelled");
  }
}

/**
 * True for an error that is about the whole run, and for anything that is no refusal: no reason to
 * go on without what could not be read.
 */
export function endsRun(error: unknown): boolean {
  return !(error instanceof PxrunError) || ["UNAUTHORIZED", "INTERRUPTED"].includes(error.code);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with what it says to do next, for a warning: that has no hint of its own. */
export function adviceOf(error: unknown): string {
  const hint = error instanceof PxrunError ? error.hint : undefined;
  return [messageOf(error), ...hint?.split("\n") ?? []].join("; ");
}
