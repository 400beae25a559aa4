import type { ErrorCode } from "./errors.ts";
import type { Remedy } from "./remedy.ts";

/** One reason why a plan cannot be carried out. */
export interface PlanProblem {
  readonly code: ErrorCode;
  /** What cannot be done, why, with which value. */
  readonly message: string;
  /** What to change next. */
  readonly hint?: string | undefined;
  /** What of pxrun may help. */
  readonly remedies?: readonly Remedy[] | undefined;
  /** The recipe's key that asks for it: `container.devices[0]`. */
  readonly path?: string;
  /** The option of the plan that would do away with it. */
  readonly offer?: "makeDirectories";
}
