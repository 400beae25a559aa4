import type { Setting } from "../config/resolve.ts";
import { PxrunError } from "../core/errors.ts";
import type { Remedy } from "../core/remedy.ts";

/**
 * Result of a check: `skipped` covers all that depends on one that failed.
 *
 * @category Diagnosis
 */
export type Verdict = "ok" | "warning" | "failed" | "skipped";

/**
 * A setting that holds, as it may be shown.
 *
 * @category Diagnosis
 */
export interface ShownSetting extends Omit<Setting, "value"> {
  /** Dots for a secret. */
  readonly value: string;
  /** Origins of other values, which do not count. */
  readonly hides: readonly string[];
}

/**
 * Finding of one check.
 *
 * @category Diagnosis
 */
export interface Finding {
  /** Subject of the check: `config`, `tls`, `rights`, `ssh` … */
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
  /** Next change to make; this or remedies are always there when something is wrong. */
  readonly remedy?: string;
  /** Help by pxrun itself. */
  readonly remedies?: readonly Remedy[];
  /** The node that it is about, where it is about one. */
  readonly node?: string;
  /** Every setting with its origin; of the check `settings` only. */
  readonly settings?: readonly ShownSetting[];
}

/** Help with a finding: words, or what of pxrun does. */
type Help = string | readonly Remedy[];
type More = Partial<Finding>;

/** Makes the findings of one check. */
export interface Findings {
  /** All is well. */
  ok(message: string, more?: More): Finding;
  /** It works, and should not stay so. */
  warning(message: string, help: Help, more?: More): Finding;
  /** It does not work. */
  failed(message: string, help: Help, more?: More): Finding;
  /**
   * An error as a finding; one that is no answer of the outside is thrown again.
   *
   * @param help For an error that has none itself.
   */
  failedBy(error: unknown, signal: AbortSignal, help: Help, more?: More): Finding;
}

/**
 * The maker of a check's findings.
 *
 * @param check Name of the check.
 * @param node The node that it is about, if it is about one.
 */
export function findingsOf(check: string, node?: string): Findings {
  const of = (verdict: Verdict) => (message: string, help: Help, more: More = {}): Finding => ({
    check,
    verdict,
    message,
    ...(node !== undefined && { node }),
    ...(typeof help === "string" ? { remedy: help } : help.length > 0 && { remedies: help }),
    ...more,
  });
  const failed = of("failed");
  return {
    ok: (message, more) => of("ok")(message, [], more),
    warning: of("warning"),
    failed,
    failedBy(error, signal, help, more) {
      signal.throwIfAborted();
      if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") throw error;
      const { message, hint, remedies } = error;
      if (hint === undefined) return failed(message, remedies.length > 0 ? remedies : help, more);
      return failed(message, hint, { ...(remedies.length > 0 && { remedies }), ...more });
    },
  };
}

/**
 * Runs checks of which each needs the one before it, until one fails.
 *
 * @returns True if none has failed.
 */
export async function* inOrder(
  checks: readonly (() => Promise<Finding>)[],
): AsyncGenerator<Finding, boolean> {
  for (const check of checks) {
    const finding = await check();
    yield finding;
    if (finding.verdict === "failed") return false;
  }
  return true;
}

/** The one line about all that was not tried. */
export function skipped(names: readonly string[], because: string): Finding {
  const message = `not tried: ${names.join(", ")} (${because})`;
  return { check: "rest", verdict: "skipped", message };
}
