import { PxrunError } from "../core/errors.ts";

/**
 * The error for a file of the bundle that is not beside the others.
 *
 * @param file Its name.
 * @param error Why it could not be loaded.
 * @returns The same error where the file is there.
 */
export function missingPart(file: string, error: unknown): unknown {
  const absent = error instanceof TypeError && /^Module not found/.test(error.message) &&
    error.message.includes(`/${file}"`);
  if (!absent) return error;
  return new PxrunError("FAILED", `${file} is missing beside pxrun.js`, {
    cause: error,
    hint:
      "all files of the bundle belong in one directory: copy them together, or make them again " +
      "with `deno task bundle`",
  });
}
