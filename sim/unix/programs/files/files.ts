import { parseMode } from "../../os/mode.ts";
import type { Process, Program } from "../../os/process.ts";
import { entriesOf, makeDir, makeFile, makeLink } from "../../os/tree.ts";
import { fail, readOptions } from "../options.ts";
import { each, targets } from "./operands.ts";

const mkdir: Program = async (process) => {
  const { operands, has, value } = readOptions(process, {
    flags: "p",
    valued: "m",
  });
  const usual = 0o777 & ~process.umask;
  const mode = parseMode(value("m") ?? usual.toString(8), 0o777);
  if (mode === undefined) return await fail(process, `invalid mode '${value("m")}'`);
  return await each(process, operands, "create directory", (operand) => {
    const { tree } = process.system;
    const path = process.path(operand);
    if (has("p")) {
      if (tree.find(path)?.kind === "dir") return;
      process.makeParents(path.replace(/\/+$/, ""));
    }
    tree.insert(path, makeDir(mode, process.who), process.who);
  });
};

const rmdir: Program = (process) => {
  const { operands, has } = readOptions(process, { long: "ignore-fail-on-non-empty" });
  return each(process, operands, "remove", (operand) => {
    const { tree } = process.system;
    const path = process.path(operand);
    if (has("ignore-fail-on-non-empty") && entriesOf(tree.dir(path)).size > 0) return;
    tree.remove(path, "dir", process.who);
  });
};

const rm: Program = async (process) => {
  const { operands, has } = readOptions(process, {
    flags: "rRf",
  });
  const force = has("f");
  return await each(process, operands, "remove", (operand) => {
    const path = process.path(operand).replace(/(.)\/+$/, "$1");
    if (force && process.system.tree.find(path, false) === undefined) return;
    removeTree(process, path, has("r", "R"));
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
  const { operands, has } = readOptions(process, {
    flags: "sfn",
  });
  const { tree } = process.system;
  const last = tree.find(process.path(operands.at(-1) ?? ""), false);
  const pairs = targets(process, operands, has("n") && last?.kind === "link");
  let status = 0;
  for (const [from, to] of pairs) {
    const run = () => {
      if (has("f") && tree.find(to, false)) tree.remove(to, "file", process.who);
      const made = has("s") ? makeLink(from, process.who) : process.node(from);
      tree.insert(to, made, process.who);
    };
    status = await each(process, [to], "create link", run) || status;
  }
  return status;
};

const touch: Program = (process) =>
  each(process, process.argv.slice(1), "touch", (operand) => {
    const path = process.path(operand);
    const { tree } = process.system;
    const made = { who: process.who, mode: 0o666 & ~process.umask };
    (tree.find(path) ?? tree.create(path, made)).mtime = Date.now();
  });

const mktemp: Program = async (process) => {
  const { operands: [template = "/tmp/tmp.XXXXXXXXXX"], has } = readOptions(process, {
    flags: "d",
  });
  const path = template.replace(/X+$/, (run) => randomName(run.length));
  const made = has("d")
    ? makeDir(0o700, process.who)
    : makeFile(new Uint8Array(), 0o600, process.who);
  return await each(process, [path], "create", async () => {
    process.system.tree.insert(process.path(path), made, process.who);
    await process.out(`${path}\n`);
  });
};

const readlink: Program = async (process) => {
  for (const operand of process.argv.slice(1)) {
    const node = process.system.tree.find(process.path(operand), false);
    if (node?.kind !== "link") return 1;
    await process.out(`${node.target}\n`);
  }
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
  mktemp,
  readlink,
};
