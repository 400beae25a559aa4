import { Errno } from "../os/errno.ts";
import { parseMode } from "../os/mode.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { parseOwner } from "../os/accounts.ts";
import {
  basename,
  contentOf,
  entriesOf,
  makeDir,
  makeFile,
  makeLink,
  type Node,
} from "../os/tree.ts";
import { fail, readOptions, refuse } from "./options.ts";

/** Runs something for each operand; an error is worded `cannot VERB 'operand': why`. */
async function each(
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

function missing(process: Process): Promise<number> {
  return fail(process, "missing operand");
}

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

/** Source and target pairs of `cp`, `mv`, `ln`: the last operand may be a directory. */
function targets(
  process: Process,
  operands: readonly string[],
  into: string | undefined,
  asFile: boolean,
): (readonly [from: string, to: string])[] | undefined {
  const sources = into === undefined ? operands.slice(0, -1) : operands;
  const target = into ?? operands.at(-1) ?? "";
  if (sources.length === 0) return undefined;
  const isDir = process.system.tree.find(process.path(target))?.kind === "dir" && !asFile;
  if (sources.length > 1 && !isDir) return undefined;
  return sources.map((source) => [
    source,
    process.path(isDir ? `${target}/${basename(source)}` : target).replace(/(.)\/+$/, "$1"),
  ]);
}

const cp: Program = async (process) => {
  const { operands, has, value, unknown } = readOptions(process.argv.slice(1), {
    flags: "rRapfdLPnTuvi",
    valued: "t",
    long: "recursive archive preserve force no-target-directory no-clobber update",
    longValued: "target-directory preserve",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  const pairs = targets(
    process,
    operands,
    value("t", "target-directory"),
    has("T", "no-target-directory"),
  );
  if (pairs === undefined) return await missing(process);
  const archive = has("a", "archive");
  const how: Copying = {
    recursive: archive || has("r", "R", "recursive"),
    preserve: archive || has("p", "preserve"),
    links: archive || has("d", "P"),
    keep: has("n", "no-clobber"),
  };
  let status = 0;
  for (const [from, to] of pairs) {
    status = await each(process, [from], "copy", () => copy(process, from, to, how)) || status;
  }
  return status;
};

interface Copying {
  readonly recursive: boolean;
  readonly preserve: boolean;
  readonly links: boolean;
  readonly keep: boolean;
}

async function copy(process: Process, from: string, to: string, how: Copying): Promise<void> {
  const { tree } = process.system;
  const node = process.node(from, !(how.links || how.recursive));
  if (how.keep && tree.find(to, false) !== undefined) return;
  if (node.kind === "link") {
    if (tree.find(to, false) !== undefined) tree.remove(to, "file", process.who);
    return tree.insert(to, makeLink(node.target, process.who), process.who);
  }
  if (node.kind === "dir") {
    if (!how.recursive) throw new Errno("EISDIR");
    const mode = how.preserve ? node.mode : node.mode & ~process.umask;
    if (tree.find(to)?.kind !== "dir") tree.insert(to, makeDir(mode, process.who), process.who);
    for (const name of [...entriesOf(node).keys()]) {
      await copy(process, `${from}/${name}`, `${to}/${name}`, how);
    }
  } else {
    const isNew = tree.find(to) === undefined;
    await process.writeFile(to, await process.readFile(from));
    if (isNew) tree.lookup(to).mode = node.mode & (how.preserve ? ~0 : ~process.umask);
  }
  if (how.preserve) keepOwner(process, node, tree.lookup(to));
}

function keepOwner(process: Process, from: Node, to: Node): void {
  to.mode = from.mode;
  to.mtime = from.mtime;
  if (process.who.uid === 0) [to.uid, to.gid] = [from.uid, from.gid];
}

const mv: Program = async (process) => {
  const { operands, value, has, unknown } = readOptions(process.argv.slice(1), {
    flags: "fnvTi",
    valued: "t",
    long: "force no-target-directory no-clobber",
    longValued: "target-directory",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  const pairs = targets(
    process,
    operands,
    value("t", "target-directory"),
    has("T", "no-target-directory"),
  );
  if (pairs === undefined) return await missing(process);
  let status = 0;
  for (const [from, to] of pairs) {
    if (has("n", "no-clobber") && process.system.tree.find(to, false)) continue;
    const run = () => process.system.tree.rename(process.path(from), to, process.who);
    status = await each(process, [from], "move", run) || status;
  }
  return status;
};

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

const install: Program = async (process) => {
  const { operands, has, value, unknown } = readOptions(process.argv.slice(1), {
    flags: "dDpvcCT",
    valued: "mogt",
    long: "directory compare",
    longValued: "mode owner group target-directory",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  const mode = parseMode(value("m", "mode") ?? "755", 0o755, has("d"));
  const owner = parseOwner(
    process.system.tree,
    `${value("o", "owner") ?? ""}:${value("g", "group") ?? ""}`,
  );
  if (mode === undefined) return await fail(process, `invalid mode '${value("m", "mode")}'`);
  if ("invalid" in owner) {
    const given = owner.invalid === "user" ? value("o", "owner") : value("g", "group");
    return await fail(process, `invalid ${owner.invalid} '${given}'`);
  }
  const finish = (path: string) => {
    const node = process.system.tree.lookup(path);
    node.mode = mode;
    if (value("o", "owner") !== undefined) node.uid = owner.uid ?? node.uid;
    if (value("g", "group") !== undefined) node.gid = owner.gid ?? node.gid;
  };
  if (has("d", "directory")) {
    return await each(process, operands, "create directory", (operand) => {
      process.system.tree.mkdirs(process.path(operand), { who: process.who, mode: 0o755 });
      finish(process.path(operand));
    });
  }
  const pairs = targets(process, operands, value("t", "target-directory"), has("T"));
  if (pairs === undefined) return await missing(process);
  let status = 0;
  for (const [from, to] of pairs) {
    status = await each(process, [from], "stat", async () => {
      const data = await process.readFile(from);
      if (has("D")) process.makeParents(to);
      const { tree } = process.system;
      if (tree.find(to, false)?.kind === "file") tree.remove(to, "file", process.who);
      tree.insert(to, makeFile(data, mode, process.who), process.who);
      finish(to);
    }) || status;
  }
  return status;
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

/** Programs that make, move and remove files. */
export const FILES: Readonly<Record<string, Program>> = {
  mkdir,
  rmdir,
  rm,
  cp,
  mv,
  ln,
  touch,
  truncate,
  install,
  mktemp,
};
