import { PxrunError } from "../../core/errors.ts";

/** How Deno says that it was not given a permission: which kind, to what, and the flag. */
const REFUSAL = /^Requires \w+ access(?: to (.+?))?, run again with the --(allow-(\w+)) flag/;

/** The kinds whose flag takes the very thing that was refused. */
const NARROW: ReadonlySet<string> = new Set(["net", "run", "sys"]);

/**
 * The error for a permission that Deno was not given, wherever in what was thrown it is.
 *
 * @param error What was thrown.
 * @returns Nothing where no permission is missing.
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
