import { type ErrorCode, PxrunError } from "../../core/errors.ts";
import { BatchFailed } from "../../run/batch.ts";

/** A command has told everything itself: only its exit status is left. */
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

/** What pxrun's own failures exit with where the other statuses are those of a command. */
export const OWN_FAILURE = 125;

/** The exit status of an error; what is not ours is a plain failure. */
export function exitStatus(error: unknown): number {
  // One failure of many is a failure, whatever its kind.
  if (error instanceof BatchFailed && error.code !== "INTERRUPTED") return 1;
  return error instanceof PxrunError ? statuses[error.code] ?? 1 : 1;
}

/** The status of a program that writes to where nobody reads: 128 + SIGPIPE. */
export const NOBODY_READS = 141;
