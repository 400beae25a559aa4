import { parseOwner } from "../os/accounts.ts";
import { Errno } from "../os/errno.ts";
import { parseMode } from "../os/mode.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { entriesOf, type Node } from "../os/tree.ts";
import { fail, readOptions } from "./options.ts";

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
  const words = process.argv.slice(1).map((word) => /^-[rwxXst]+$/.test(word) ? `a${word}` : word);
  const { operands, has, value } = readOptions(words, {
    flags: "Rvcf",
    long: "recursive",
    longValued: "reference",
  });
  const reference = value("reference");
  const text = reference === undefined
    ? operands[0] ?? ""
    : process.node(reference).mode.toString(8);
  if (parseMode(text, 0, false) === undefined) {
    return await fail(process, `invalid mode: '${text}'`);
  }
  const files = reference === undefined ? operands.slice(1) : operands;
  return await change(process, files, has("R", "recursive"), (node) => {
    node.mode = parseMode(text, node.mode, node.kind === "dir", process.umask) ?? node.mode;
  });
};

function owning(only: "owner" | "group"): Program {
  return async (process) => {
    const { operands, has, value } = readOptions(process.argv.slice(1), {
      flags: "Rvcfh",
      long: "recursive no-dereference",
      longValued: "reference",
    });
    const reference = value("reference");
    const like = reference === undefined ? undefined : process.node(reference);
    const text = like === undefined ? operands[0] ?? "" : `${like.uid}:${like.gid}`;
    const files = like === undefined ? operands.slice(1) : operands;
    const owner = parseOwner(process.system.tree, only === "group" ? `:${text}` : text);
    if ("invalid" in owner) {
      const quoted = process.system.programs.has("busybox") ? text : `'${text}'`;
      return await fail(process, `invalid ${owner.invalid}: ${quoted}`);
    }
    return await change(process, files, has("R", "recursive"), (node) => {
      node.uid = owner.uid ?? node.uid;
      node.gid = owner.gid ?? node.gid;
    });
  };
}

/** Programs that change who may do what. */
export const OWNERSHIP: Readonly<Record<string, Program>> = {
  chmod,
  chown: owning("owner"),
  chgrp: owning("group"),
};
