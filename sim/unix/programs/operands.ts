import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { basename } from "../os/tree.ts";
import { fail } from "./options.ts";

/** Runs something for each operand; an error is worded `cannot VERB 'operand': why`. */
export async function each(
  process: Process,
  operands: readonly string[],
  what: string,
  run: (operand: string) => Promise<void> | void,
): Promise<number> {
  let status = 0;
  for (const operand of operands) {
    try {
      await run(operand);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const gone = process.system.tree.find(process.path(operand), false) === undefined;
      const verb = gone && /^(copy|move)$/.test(what) ? "stat" : what;
      status = await fail(process, `cannot ${verb} '${operand}': ${error.message}`);
    }
  }
  return status;
}

/** The complaint about a command line without operands. */
export function missing(process: Process): Promise<number> {
  return fail(process, "missing operand");
}

/** Source and target pairs of `cp`, `mv`, `ln`: the last operand may be a directory. */
export function targets(
  process: Process,
  operands: readonly string[],
  into: string | undefined,
  asFile: boolean,
): (readonly [from: string, to: string])[] | undefined {
  const sources = into === undefined ? operands.slice(0, -1) : operands;
  const target = into ?? operands.at(-1) ?? "";
  if (sources.length === 0) return undefined;
  const isDir = process.system.tree.find(process.path(target))?.kind === "dir" && !asFile;
  if (sources.length > 1 && !isDir) return undefined;
  return sources.map((source) => [
    source,
    process.path(isDir ? `${target}/${basename(source)}` : target).replace(/(.)\/+$/, "$1"),
  ]);
}
