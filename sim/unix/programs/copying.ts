import { Errno } from "../os/errno.ts";
import { parseMode } from "../os/mode.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { parseOwner } from "../os/accounts.ts";
import { entriesOf, makeDir, makeFile, makeLink, type Node } from "../os/tree.ts";
import { fail, readOptions, refuse } from "./options.ts";
import { each, missing, targets } from "./operands.ts";

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

/** Programs that put files elsewhere. */
export const COPYING: Readonly<Record<string, Program>> = { cp, mv, install };
