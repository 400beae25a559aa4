import { parseOwner } from "../../os/accounts.ts";
import { Errno } from "../../os/errno.ts";
import { parseMode } from "../../os/mode.ts";
import type { Process, Program } from "../../os/process.ts";
import { entriesOf, type Node } from "../../os/tree.ts";
import { fail, readOptions } from "../options.ts";

/** Changes each operand, with `-R` all below it too. */
async function change(
  process: Process,
  operands: readonly string[],
  recursive: boolean,
  apply: (node: Node) => void,
): Promise<number> {
  let status = 0;
  const visit = (node: Node): void => {
    process.mustOwn(node);
    apply(node);
    if (recursive && node.kind === "dir") {
      for (const child of entriesOf(node).values()) visit(child);
    }
  };
  for (const operand of operands) {
    try {
      visit(process.node(operand));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const verb = error.code === "ENOENT" ? `cannot access '${operand}'` : `changing '${operand}'`;
      status = await fail(process, `${verb}: ${error.message}`);
    }
  }
  return status;
}

const chmod: Program = async (process) => {
  const { operands: [text = "", ...files], has } = readOptions(process, {
    flags: "R",
  });
  if (parseMode(text, 0) === undefined) return await fail(process, `invalid mode: '${text}'`);
  return await change(process, files, has("R"), (node) => {
    node.mode = parseMode(text, node.mode) ?? node.mode;
  });
};

const chown: Program = async (process) => {
  const { operands: [text = "", ...files], has } = readOptions(process, {
    flags: "Rh",
  });
  const owner = parseOwner(process.system.tree, text);
  if ("invalid" in owner) {
    const quoted = process.system.programs.has("busybox") ? text : `'${text}'`;
    return await fail(process, `invalid ${owner.invalid}: ${quoted}`);
  }
  return await change(process, files, has("R"), (node) => {
    node.uid = owner.uid ?? node.uid;
    node.gid = owner.gid ?? node.gid;
  });
};

/** Programs that change who may do what. */
export const OWNERSHIP: Readonly<Record<string, Program>> = { chmod, chown };
