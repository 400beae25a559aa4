import { groupName, userName } from "../../os/accounts.ts";
import { Errno } from "../../os/errno.ts";
import { modeText } from "../../os/mode.ts";
import type { Process, Program } from "../../os/process.ts";
import { contentOf, type DirNode, entriesOf, type Node } from "../../os/tree.ts";
import { fail, readOptions } from "../options.ts";

const ls: Program = async (process) => {
  const { operands, has } = readOptions(process, { flags: "laAdn1" });
  let status = 0;
  const files: (readonly [string, Node])[] = [];
  const dirs: (readonly [string, Node])[] = [];
  for (const operand of operands.length > 0 ? operands : ["."]) {
    try {
      const node = process.node(operand, !has("l", "n") && !has("d"));
      const isDir = node.kind === "dir" && !has("d");
      (isDir ? dirs : files).push([operand, node]);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = await fail(process, `cannot access '${operand}': ${error.message}`, 2);
    }
  }
  const long = has("l", "n");
  const show = (entries: readonly (readonly [string, Node])[]) =>
    process.out(
      entries.map(([name, node]) => long ? longLine(process, name, node, has("n")) : `${name}\n`)
        .join(""),
    );
  await show(files);
  for (const [name, node] of dirs) {
    if (operands.length > 1) {
      await process.out(`${files.length + dirs.length > 1 ? "\n" : ""}${name}:\n`);
    }
    if (node.kind !== "dir") continue;
    const parent = process.node(`${name}/..`);
    const dots: [string, Node][] = has("a") ? [[".", node], ["..", parent]] : [];
    const hidden = has("a", "A");
    const entries = [...dots, ...sorted(node, hidden)];
    if (long) await process.out(`total ${entries.length * 4}\n`);
    await show(entries);
  }
  return status;
};

function sorted(dir: DirNode, hidden: boolean): (readonly [string, Node])[] {
  const entries = [...entriesOf(dir)].filter(([name]) => hidden || !name.startsWith("."));
  return entries.sort(([a], [b]) => a < b ? -1 : 1);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function longLine(process: Process, name: string, node: Node, numeric: boolean): string {
  const { tree } = process.system;
  const user = numeric ? String(node.uid) : userName(tree, node.uid);
  const group = numeric ? String(node.gid) : groupName(tree, node.gid);
  const date = new Date(node.mtime);
  const pad = (number: number, char: string) => String(number).padStart(2, char);
  const time = `${pad(date.getUTCHours(), "0")}:${pad(date.getUTCMinutes(), "0")}`;
  const when = `${MONTHS[date.getUTCMonth()]} ${pad(date.getUTCDate(), " ")} ${time}`;
  const target = node.kind === "link" ? ` -> ${node.target}` : "";
  const links = node.kind === "dir" ? 2 : 1;
  return `${modeText(node.kind, node.mode)} ${links} ${user} ${group} ${
    node.kind === "device" ? "10, 200" : sizeOf(node)
  } ${when} ${name}${target}\n`;
}

/** The size of a node in bytes. */
export function sizeOf(node: Node): number {
  if (node.kind === "file") return contentOf(node).length;
  return node.kind === "link" ? node.target.length : node.kind === "dir" ? 4096 : 0;
}

/** Programs that list. */
export const LISTING: Readonly<Record<string, Program>> = { ls };
