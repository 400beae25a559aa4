import { quote } from "../core/argv.ts";
import type { Secret } from "../core/secret.ts";

/**
 * Subject of a step: the key of `provisioning` that asks for it, or the wait before it.
 *
 * @category Plans
 */
export type StepKind =
  | "network"
  | "locale"
  | "timezone"
  | "packages"
  | "users"
  | "ssh_keys"
  | "files"
  | "docker"
  | "tailscale"
  | "scripts";

/**
 * One change inside a container. `check` and `act` are POSIX sh, run by
 * root with /dev/null as standard input and `$pxrun` naming a private directory for temporary files.
 *
 * @category Plans
 */
export interface Step {
  /** Unique among the steps of a recipe: `packages`, `files[0]`. */
  readonly id: string;
  readonly kind: StepKind;
  readonly title: string;
  /** Exits 0 when nothing has to be done. Changes nothing. Absent: the step acts every time. */
  readonly check: string | undefined;
  /** Brings it about. May be run again at any time. */
  readonly act: string;
  /** Milliseconds that `act` may take. */
  readonly timeout: number;
  readonly continueOnError: boolean;
  /** Secrets in `check` or `act` that must not appear in the output of any step. */
  readonly secrets: readonly Secret[];
  /** Ids of the steps that this one prepares: it acts only when one of them has to. */
  readonly prepares?: readonly string[];
  /** True if lines of its output that begin with {@linkcode NOTE} or {@linkcode WARNING} are for the user. */
  readonly tells?: true;
}

/** Before what a step has to say of what it did. */
export const NOTE = "pxrun-note: ";
/** Before what a user would not expect of it. */
export const WARNING = "pxrun-warning: ";

/** Script of a step that may have acted already, in whole or in part. */
export function actAgainScript(step: Step): string {
  if (step.check === undefined) return step.act;
  return `(
${step.check}
) && exit 0
${actScript(step)}`;
}

/** Script of a step: it acts, and where there is a check, asks that whether it worked. */
export function actScript(step: Step): string {
  if (step.check === undefined) return step.act;
  return `(
${step.act}
) || exit $?
(
${step.check}
) || {
echo "pxrun: all commands succeeded, but the check of this step still fails" >&2
exit 1
}`;
}

/**
 * Makes one script of many checks. Each runs in a subshell of its own, so it may exit,
 * change directory or hold a syntax error without effect on the others; what it prints goes to
 * standard error. Standard output has one line a check: `marker index status`.
 *
 * @param marker A word that no check prints.
 */
export function checkScript(checks: readonly string[], marker: string): string {
  const calls = checks.map((check, index) => `check ${index} ${quote(check)}`);
  return `check() {
( eval "$2" ) </dev/null >&2
printf '%s %s %s\\n' ${quote(marker)} "$1" "$?"
}
${calls.join("\n")}
`;
}

/**
 * Reads the exit statuses back, in the order of the checks; undefined for one
 * that was not reached.
 */
export function parseChecks(
  output: string,
  marker: string,
  count: number,
): (number | undefined)[] {
  const statuses = new Array<number | undefined>(count).fill(undefined);
  for (const line of output.split("\n")) {
    const [word, index, status, ...more] = line.split(" ");
    if (word !== marker || more.length > 0) continue;
    if (/^\d+$/.test(index ?? "") && /^\d+$/.test(status ?? "") && Number(index) < count) {
      statuses[Number(index)] = Number(status);
    }
  }
  return statuses;
}
