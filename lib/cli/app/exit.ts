import { type ErrorCode, PxrunError } from "../../core/errors.ts";
import { BatchFailed } from "../../run/batch.ts";
import type { ExecResult } from "../../ssh/client/transport.ts";

/** A command has reported everything itself: only its exit status remains. */
export class Finished extends Error {
  readonly status: number;

  /** @param status The exit status. */
  constructor(status: number) {
    super(`finished with ${status}`);
    this.status = status;
  }
}

/** The exit table: 0 done, 1 failed, and these. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  USAGE: 2,
  INVALID_RECIPE: 2,
  INVALID_PARAMETER: 2,
  NOT_BUILT: 2,
  NOT_FOUND: 3,
  UNAUTHORIZED: 4,
  PERMISSION_DENIED: 4,
  UNTRUSTED: 4,
  UNREACHABLE: 5,
  INTERRUPTED: 130,
};

/** Exit status of pxrun's own failures where the other statuses are those of a command. */
export const OWN_FAILURE = 125;

/** The exit status of an error; one that is not pxrun's is a plain failure. */
export function exitStatus(error: unknown): number {
  // One failure of many is a failure, whatever its kind.
  if (error instanceof BatchFailed && error.code !== "INTERRUPTED") return 1;
  return error instanceof PxrunError ? statuses[error.code] ?? 1 : 1;
}

/** The status of a program whose output no one reads: 128 + SIGPIPE. */
export const BROKEN_PIPE = 141;

/**
 * Ends as a command in a container ended. A node's own program that was killed took the
 * command's status with it.
 */
export function passOn({ code, signal }: Pick<ExecResult, "code" | "signal">): void {
  if (code === undefined) {
    throw new PxrunError("FAILED", `the session in the container was ended by SIG${signal}`, {
      hint: "the command may still run",
    });
  }
  if (code !== 0) throw new Finished(code);
}
