import { PxrunError } from "../core/errors.ts";
import type { Remedy } from "../core/remedy.ts";

/** How a check came out: `skipped` stands for all that depends on one that failed. */
export type Verdict = "ok" | "warning" | "failed" | "skipped";

/** A setting that holds, as it may be shown. */
export interface ShownSetting {
  /** Its path in a context: `ssh.user`. */
  readonly name: string;
  /** Dots for a secret. */
  readonly value: string;
  readonly source: "flag" | "environment" | "file" | "default";
  /** Where exactly: the variable, or the path in the config file. */
  readonly from: string;
  /** Who gives another value, which does not count. */
  readonly hides: readonly string[];
}

/** What one check found. */
export interface Finding {
  /** What was looked at: `config`, `tls`, `rights`, `ssh` … */
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
  /** What to change next; this or remedies are always there when something is wrong. */
  readonly remedy?: string;
  /** What of pxrun may help. */
  readonly remedies?: readonly Remedy[];
  /** The node that it is about, where it is about one. */
  readonly node?: string;
  /** Every setting, and who gave it; of the check `settings` only. */
  readonly settings?: readonly ShownSetting[];
}

/** What may help: words, or what of pxrun does. */
type Help = string | readonly Remedy[];

function helped(help: Help): Pick<Finding, "remedy" | "remedies"> {
  return typeof help === "string" ? { remedy: help } : { remedies: help };
}

/** All is well. */
export function ok(check: string, message: string, more: Partial<Finding> = {}): Finding {
  return { check, verdict: "ok", message, ...more };
}

/** It works, and should not stay so. */
export function warning(
  check: string,
  message: string,
  help: Help,
  more: Partial<Finding> = {},
): Finding {
  return { check, verdict: "warning", message, ...helped(help), ...more };
}

/** It does not work. */
export function failed(
  check: string,
  message: string,
  help: Help,
  more: Partial<Finding> = {},
): Finding {
  return { check, verdict: "failed", message, ...helped(help), ...more };
}

/**
 * An error as what a check found; one that is no answer of the outside is thrown again.
 *
 * @param help For an error that has none itself.
 */
export function failedBy(
  check: string,
  error: unknown,
  signal: AbortSignal,
  help: Help,
  more: Partial<Finding> = {},
): Finding {
  signal.throwIfAborted();
  if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") throw error;
  const { message, hint, remedies } = error;
  if (hint === undefined && remedies.length === 0) return failed(check, message, help, more);
  return {
    check,
    verdict: "failed",
    message,
    ...(hint !== undefined && { remedy: hint }),
    ...(remedies.length > 0 && { remedies }),
    ...more,
  };
}

/** The one line about all that was not tried. */
export function skipped(what: readonly string[], because: string): Finding {
  return {
    check: "rest",
    verdict: "skipped",
    message: `not tried: ${what.join(", ")} (${because})`,
  };
}
