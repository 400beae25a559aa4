import { PxrunError } from "../../core/errors.ts";

/** The refusal of a value that no script can be made of. */
export function invalid(message: string, hint?: string): PxrunError {
  return new PxrunError("INVALID_RECIPE", message, { hint });
}
