import { groupName, userName } from "../../os/accounts.ts";
import { Errno } from "../../os/errno.ts";
import { modeText } from "../../os/mode.ts";
import type { Process, Program } from "../../os/process.ts";
import { type Node } from "../../os/tree.ts";
import { fail, readOptions } from "../options.ts";
import { sizeOf } from "./listing.ts";

const KINDS = {
  file: "regular file",
  dir: "directory",
  link: "symbolic link",
  device: "character special file",
};

const stat: Program = async (process) => {
  const { operands, value, has } = readOptions(process, {
    flags: "Lft",
    valued: "c",
    long: "dereference",
    longValued: "format printf",
  });
  let status = 0;
  const format = value("c", "format");
  for (const operand of operands) {
    try {
      const node = process.node(operand, has("L", "dereference"));
      const text = format ?? value("printf") ??
        "  File: %n\n  Size: %s\t%F\nAccess: (%04a/%A)  Uid: (%u/%U)   Gid: (%g/%G)\nModify: %y";
      await process.out(statText(process, operand, node, text) + (value("printf") ? "" : "\n"));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const busybox = process.system.programs.has("busybox");
      const verb = busybox ? `can't stat '${operand}'` : `cannot statx '${operand}'`;
      status = await fail(process, `${verb}: ${error.message}`);
    }
  }
  return status;
};

function statText(process: Process, name: string, node: Node, format: string): string {
  const { tree } = process.system;
  const date = new Date(node.mtime).toISOString().replace("T", " ").replace("Z", "000000 +0000");
  const size = sizeOf(node);
  const fields: Record<string, string | number> = {
    a: node.mode.toString(8),
    A: modeText(node.kind, node.mode),
    F: node.kind === "file" && size === 0 ? "regular empty file" : KINDS[node.kind],
    u: node.uid,
    U: userName(tree, node.uid),
    g: node.gid,
    G: groupName(tree, node.gid),
    h: 1,
    i: node.ino,
    n: name,
    N: node.kind === "link" ? `'${name}' -> '${node.target}'` : `'${name}'`,
    s: size,
    b: Math.ceil(size / 512),
    B: 512,
    o: 4096,
    y: date,
    Y: Math.floor(node.mtime / 1000),
    z: date,
    Z: Math.floor(node.mtime / 1000),
    f: node.mode.toString(16),
    m: "/",
    "%": "%",
  };
  return format.replace(
    /%(0?\d*)([a-zA-Z%])|\\n|\\t/g,
    (found, width?: string, letter?: string) => {
      if (letter === undefined) return found === "\\n" ? "\n" : "\t";
      const text = String(fields[letter] ?? "?");
      return width === undefined || width === ""
        ? text
        : text.padStart(Number(width), width.startsWith("0") ? "0" : " ");
    },
  );
}

/** Programs that show what a file system knows about files. */
export const METADATA: Readonly<Record<string, Program>> = { stat };
