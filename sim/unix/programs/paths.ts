import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions } from "./options.ts";

const readlink: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), { flags: "fenmvqsz" });
  for (const operand of operands) {
    const { tree } = process.system;
    const path = process.path(operand).replace(/(.)\/+$/, "$1");
    let result: string | undefined;
    if (has("f", "e", "m")) {
      result = resolveMissing(process, path);
      if (has("e") && tree.find(path) === undefined) return 1;
    } else {
      const node = tree.find(path, false);
      if (node?.kind === "link") result = node.target;
    }
    if (result === undefined) return 1;
    await process.out(result + (has("n") ? "" : "\n"));
  }
  return 0;
};

function resolveMissing(process: Process, path: string): string {
  const { tree } = process.system;
  if (tree.find(path) !== undefined) return tree.realpath(path);
  const parent = path.slice(0, path.lastIndexOf("/"));
  const name = path.slice(path.lastIndexOf("/"));
  return parent === "" ? name : resolveMissing(process, parent).replace(/^\/$/, "") + name;
}

const realpath: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), { flags: "emsqz" });
  for (const operand of operands) {
    const path = process.path(operand).replace(/(.)\/+$/, "$1");
    if (!has("m") && process.system.tree.find(path.replace(/\/[^/]*$/, "") || "/") === undefined) {
      return await fail(process, `${operand}: No such file or directory`);
    }
    await process.out(`${resolveMissing(process, path)}\n`);
  }
  return 0;
};

/** Programs that follow links. */
export const PATHS: Readonly<Record<string, Program>> = { readlink, realpath };
