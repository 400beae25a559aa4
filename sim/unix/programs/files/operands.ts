import { Errno } from "../../os/errno.ts";
import type { Process } from "../../os/process.ts";
import { basename } from "../../os/tree.ts";
import { fail } from "../options.ts";

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

/** Source and target pairs of `cp`, `mv`, `ln`: the last operand may be a directory. */
export function targets(
  process: Process,
  operands: readonly string[],
  asFile: boolean,
): (readonly [from: string, to: string])[] {
  const sources = operands.slice(0, -1);
  const target = operands.at(-1) ?? "";
  const isDir = process.system.tree.find(process.path(target))?.kind === "dir" && !asFile;
  if (sources.length > 1 && !isDir || sources.length === 0) throw new Errno("EINVAL");
  return sources.map((source) => [
    source,
    process.path(isDir ? `${target}/${basename(source)}` : target).replace(/(.)\/+$/, "$1"),
  ]);
}
