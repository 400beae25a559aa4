import { Errno } from "../os/errno.ts";
import { parseMode } from "../os/mode.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { contentOf, entriesOf, makeDir, makeFile, makeLink } from "../os/tree.ts";
import { fail, readOptions, refuse } from "./options.ts";
import { each, missing, targets } from "./operands.ts";

const mkdir: Program = async (process) => {
  const { operands, has, value, unknown } = readOptions(process.argv.slice(1), {
    flags: "pvZ",
    valued: "m",
    long: "parents verbose",
    longValued: "mode",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  if (operands.length === 0) return await missing(process);
  const usual = 0o777 & ~process.umask;
  const mode = parseMode(value("m", "mode") ?? usual.toString(8), 0o777, true);
  if (mode === undefined) return await fail(process, `invalid mode '${value("m", "mode")}'`);
  return await each(process, operands, "create directory", (operand) => {
    const { tree } = process.system;
    const path = process.path(operand);
    if (has("p", "parents")) {
      if (tree.find(path)?.kind === "dir") return;
      process.makeParents(path.replace(/\/+$/, ""));
    }
    tree.insert(path, makeDir(mode, process.who), process.who);
  });
};

const rmdir: Program = (process) => {
  const { operands } = readOptions(process.argv.slice(1), { flags: "pv" });
  return each(process, operands, "remove", (operand) => {
    process.system.tree.remove(process.path(operand), "dir", process.who);
  });
};

const rm: Program = async (process) => {
  const { operands, has, unknown } = readOptions(process.argv.slice(1), {
    flags: "rRfiv",
    long: "recursive force one-file-system",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  const force = has("f", "force");
  if (operands.length === 0) return force ? 0 : await missing(process);
  return await each(process, operands, "remove", (operand) => {
    const path = process.path(operand).replace(/(.)\/+$/, "$1");
    if (force && process.system.tree.find(path, false) === undefined) return;
    removeTree(process, path, has("r", "R", "recursive"));
  });
};

function removeTree(process: Process, path: string, recursive: boolean): void {
  const { tree } = process.system;
  const node = tree.lookup(path, false);
  if (node.kind === "dir" && recursive) {
    for (const name of [...entriesOf(node).keys()]) removeTree(process, `${path}/${name}`, true);
  }
  tree.remove(path, node.kind === "dir" && recursive ? "dir" : "file", process.who);
}

const ln: Program = async (process) => {
  const { operands, has, unknown } = readOptions(process.argv.slice(1), {
    flags: "sfnrTv",
    long: "symbolic force no-dereference",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  const { tree } = process.system;
  const all = operands.length === 1 ? [...operands, "."] : operands;
  const last = tree.find(process.path(all.at(-1) ?? ""), false);
  const asFile = has("T") || (has("n", "no-dereference") && last?.kind === "link");
  const pairs = targets(process, all, undefined, asFile);
  if (pairs === undefined) return await missing(process);
  let status = 0;
  for (const [from, to] of pairs) {
    const run = () => {
      if (has("f", "force") && tree.find(to, false)) tree.remove(to, "file", process.who);
      const made = has("s", "symbolic") ? makeLink(from, process.who) : process.node(from);
      tree.insert(to, made, process.who);
    };
    status = await each(process, [to], "create link", run) || status;
  }
  return status;
};

const touch: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "acmh",
    valued: "dtr",
    long: "no-create",
    longValued: "date reference",
  });
  return await each(process, operands, "touch", (operand) => {
    const path = process.path(operand);
    const { tree } = process.system;
    const node = tree.find(path);
    if (node !== undefined) node.mtime = Date.now();
    else if (!has("c", "no-create")) {
      tree.create(path, { who: process.who, mode: 0o666 & ~process.umask });
    }
  });
};

const truncate: Program = async (process) => {
  const { operands, value } = readOptions(process.argv.slice(1), {
    flags: "c",
    valued: "s",
    longValued: "size",
  });
  return await each(process, operands, "open", (operand) => {
    const node = process.system.tree.create(process.path(operand), { who: process.who });
    if (node.kind !== "file") return;
    const data = new Uint8Array(Number(value("s", "size") ?? 0));
    data.set(contentOf(node).subarray(0, data.length));
    node.data = data;
  });
};

const mktemp: Program = async (process) => {
  const { operands, has, value, unknown } = readOptions(process.argv.slice(1), {
    flags: "dquVt",
    valued: "p",
    long: "directory quiet dry-run tmpdir",
    longValued: "tmpdir suffix",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  const template = operands[0] ?? "tmp.XXXXXXXXXX";
  const run = /X{3,}(?!.*X{3,})/.exec(template);
  if (run === null) return await fail(process, `too few X's in template '${template}'`);
  const inTmp = operands.length === 0 || has("t", "p", "tmpdir");
  const dir = value("p", "tmpdir") ?? process.env.get("TMPDIR") ?? "/tmp";
  const name = template.replace(run[0], randomName(run[0].length)) + (value("suffix") ?? "");
  const path = inTmp && !template.startsWith("/") ? `${dir}/${name}` : name;
  const made = has("d", "directory")
    ? makeDir(0o700, process.who)
    : makeFile(new Uint8Array(), 0o600, process.who);
  try {
    if (!has("u", "dry-run")) process.system.tree.insert(process.path(path), made, process.who);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const what = made.kind === "dir" ? "directory" : "file";
    return await fail(process, `failed to create ${what} via template '${path}': ${error.message}`);
  }
  await process.out(`${path}\n`);
  return 0;
};

function randomName(length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const numbers = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(numbers, (number) => letters.charAt(number % letters.length)).join("");
}

/** Programs that make and remove files. */
export const FILES: Readonly<Record<string, Program>> = {
  mkdir,
  rmdir,
  rm,
  ln,
  touch,
  truncate,
  mktemp,
};
