import { Errno } from "../../os/errno.ts";
import type { Process, Program } from "../../os/process.ts";
import { entriesOf, makeDir, makeLink } from "../../os/tree.ts";
import { readOptions } from "../options.ts";
import { each, targets } from "./operands.ts";

const cp: Program = async (process) => {
  const { operands, has } = readOptions(process, { flags: "rRf" });
  const pairs = targets(process, operands, false);
  let status = 0;
  for (const [from, to] of pairs) {
    const run = () => copy(process, from, to, has("r", "R"));
    status = await each(process, [from], "copy", run) || status;
  }
  return status;
};

async function copy(process: Process, from: string, to: string, deep: boolean): Promise<void> {
  const { tree } = process.system;
  const node = process.node(from, !deep);
  if (node.kind === "link") {
    return tree.insert(to, makeLink(node.target, process.who), process.who);
  }
  if (node.kind === "dir") {
    if (!deep) throw new Errno("EISDIR");
    const mode = node.mode & ~process.umask;
    if (tree.find(to)?.kind !== "dir") tree.insert(to, makeDir(mode, process.who), process.who);
    for (const name of [...entriesOf(node).keys()]) {
      await copy(process, `${from}/${name}`, `${to}/${name}`, deep);
    }
    return;
  }
  const isNew = tree.find(to) === undefined;
  await process.writeFile(to, await process.readFile(from));
  if (isNew) tree.lookup(to).mode = node.mode & ~process.umask;
}

const mv: Program = async (process) => {
  const { operands } = readOptions(process, { flags: "f" });
  const pairs = targets(process, operands, false);
  let status = 0;
  for (const [from, to] of pairs) {
    const run = () => process.system.tree.rename(process.path(from), to, process.who);
    status = await each(process, [from], "move", run) || status;
  }
  return status;
};

/** Programs that put files elsewhere. */
export const COPYING: Readonly<Record<string, Program>> = { cp, mv };
