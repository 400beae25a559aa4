import { groupName, userName } from "../os/accounts.ts";
import { Errno } from "../os/errno.ts";
import { modeText } from "../os/mode.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { contentOf, entriesOf, type Node } from "../os/tree.ts";
import { fail, readOptions, refuse } from "./options.ts";

const ls: Program = async (process) => {
  const { operands, has, unknown } = readOptions(process.argv.slice(1), {
    flags: "laAdn1hrtSRiFpgo",
    long: "all almost-all directory human-readable",
    longValued: "color time-style",
  });
  if (unknown !== undefined) return await refuse(process, unknown, 2);
  let status = 0;
  const files: (readonly [string, Node])[] = [];
  const dirs: (readonly [string, Node])[] = [];
  for (const operand of operands.length > 0 ? operands : ["."]) {
    try {
      const node = process.node(operand, !has("l", "n") && !has("d", "directory"));
      const isDir = node.kind === "dir" && !has("d", "directory");
      (isDir ? dirs : files).push([operand, node]);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = await fail(process, `cannot access '${operand}': ${error.message}`, 2);
    }
  }
  const long = has("l", "n", "g", "o");
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
    const dots: [string, Node][] = has("a", "all") ? [[".", node], ["..", parent]] : [];
    const hidden = has("a", "A", "all", "almost-all");
    const entries = [...dots, ...sorted(node, hidden, has("t"))];
    if (long) await process.out(`total ${entries.length * 4}\n`);
    await show(has("r") ? entries.reverse() : entries);
  }
  return status;
};

function sorted(
  dir: Extract<Node, { kind: "dir" }>,
  hidden: boolean,
  byTime: boolean,
): (readonly [string, Node])[] {
  const entries = [...entriesOf(dir)].filter(([name]) => hidden || !name.startsWith("."));
  entries.sort(([a], [b]) => a < b ? -1 : 1);
  if (byTime) entries.sort(([, a], [, b]) => b.mtime - a.mtime);
  return entries;
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
