import { PxrunError } from "../core/errors.ts";

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
  /** What to type or change next; always there when something is wrong. */
  readonly remedy?: string;
  /** The node that it is about, where it is about one. */
  readonly node?: string;
  /** Every setting, and who gave it; of the check `settings` only. */
  readonly settings?: readonly ShownSetting[];
}

/** All is well. */
export function ok(check: string, message: string, more: Partial<Finding> = {}): Finding {
  return { check, verdict: "ok", message, ...more };
}

/** It works, and should not stay so. */
export function warning(
  check: string,
  message: string,
  remedy: string,
  more: Partial<Finding> = {},
): Finding {
  return { check, verdict: "warning", message, remedy, ...more };
}

/** It does not work. */
export function failed(
  check: string,
  message: string,
  remedy: string,
  more: Partial<Finding> = {},
): Finding {
  return { check, verdict: "failed", message, remedy, ...more };
}

/**
 * An error as what a check found; one that is no answer of the outside is thrown again.
 *
 * @param remedy For an error that has none itself.
 */
export function failedBy(
  check: string,
  error: unknown,
  signal: AbortSignal,
  remedy: string,
  more: Partial<Finding> = {},
): Finding {
  signal.throwIfAborted();
  if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") throw error;
  return failed(check, error.message, error.hint ?? remedy, more);
}

/** The one line about all that was not tried. */
export function skipped(what: readonly string[], because: string): Finding {
  return {
    check: "rest",
    verdict: "skipped",
    message: `not tried: ${what.join(", ")} (${because})`,
  };
}
