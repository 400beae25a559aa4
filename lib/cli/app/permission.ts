import { PxrunError } from "../../core/errors.ts";
import { exitStatus } from "./exit.ts";

/** Deno's words for a permission that it was not given: which kind, to what, and the flag. */
const REFUSAL = /^Requires \w+ access(?: to (.+?))?, run again with the --(allow-(\w+)) flag/;

/** The kinds whose flag takes the very thing that was refused. */
const NARROW: ReadonlySet<string> = new Set(["net", "run", "sys"]);

/**
 * The error for a permission that Deno was not given, wherever in what was thrown it is.
 *
 * @param error The thrown value.
 * @returns Undefined if no permission is missing.
 */
export function missingPermission(error: unknown): PxrunError | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const said = REFUSAL.exec(one.message);
    // A module that may not be read is a TypeError with the same words.
    if (one.name !== "NotCapable" && !(one instanceof TypeError && said !== null)) continue;
    const [, what, flag = "allow-all", kind = "all"] = said ?? [];
    const thing = what?.replace(/^"(.*)"$/, "$1");
    const option = NARROW.has(kind) && thing !== undefined ? `--${flag}=${thing}` : `--${flag}`;
    return new PxrunError(
      "PERMISSION_DENIED",
      `Deno was not given the permission ${option}` +
        (thing === undefined || option.endsWith(thing) ? "" : `, which ${thing} needs`),
      {
        hint: `add ${option} to \`deno run\`, or start pxrun by its launcher, which has all of ` +
          "them; docs/permissions.md lists them by command",
        cause: error,
      },
    );
  }
  return undefined;
}

/**
 * Explains why the command line could not be loaded, without what it would load to do so.
 *
 * @returns The text to print and the exit status; undefined for a fault of the program itself.
 */
export function startFailure(error: unknown): { text: string; status: number } | undefined {
  const known = missingPermission(error) ?? error;
  if (!(known instanceof PxrunError)) return undefined;
  const text = `error: ${known.message}\nhint: ${known.hint}\n`;
  return { text, status: exitStatus(known) };
}
