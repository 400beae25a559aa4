import { groupName, parseOwner, userName } from "../os/accounts.ts";
import { toByteString } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import { modeText, parseMode } from "../os/mode.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { contentOf, entriesOf, type Node } from "../os/tree.ts";
import { fail, readOptions, refuse } from "./options.ts";

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

function sizeOf(node: Node): number {
  if (node.kind === "file") return contentOf(node).length;
  return node.kind === "link" ? node.target.length : node.kind === "dir" ? 4096 : 0;
}

const KINDS = {
  file: "regular file",
  dir: "directory",
  link: "symbolic link",
  device: "character special file",
};

const stat: Program = async (process) => {
  const { operands, value, has } = readOptions(process.argv.slice(1), {
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

const df: Program = async (process) => {
  const rows = [
    ["Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"],
    ["/dev/loop0", "2014000", "394752", "1498000", "21%", "/"],
  ];
  await process.out(rows.map((row) => toByteString(row.join(" ") + "\n")).join(""));
  return 0;
};

/** Programs that show and change what a file system knows about files. */
export const METADATA: Readonly<Record<string, Program>> = {
  chmod,
  chown: owning("owner"),
  chgrp: owning("group"),
  ls,
  stat,
  readlink,
  realpath,
  df,
};
