import { PxrunError } from "../../core/errors.ts";
import { missingPermission } from "./permission.ts";
import { exitStatus } from "./exit.ts";

/** What is printed of a program that did not even start, and its exit status. */
export interface StartFailure {
  readonly text: string;
  readonly status: number;
}

/**
 * Explains why the command line could not be loaded, without what it would load to do so.
 *
 * @returns Nothing for a fault of the program itself.
 */
export function startFailure(error: unknown): StartFailure | undefined {
  const told = missingPermission(error) ?? error;
  if (!(told instanceof PxrunError)) return undefined;
  return { text: `error: ${told.message}\nhint: ${told.hint}\n`, status: exitStatus(told) };
}
