import type { Program } from "../os/system.ts";
import { inheritedOf } from "../os/system.ts";
import { readOptions } from "./options.ts";
import { become } from "./become.ts";

const env: Program = async (process) => {
  const { operands, has, values } = readOptions(process.argv.slice(1), {
    flags: "i0",
    valued: "uC",
    long: "ignore-environment null",
    longValued: "unset chdir",
    stop: true,
  });
  if (has("i", "ignore-environment")) process.env.clear();
  for (const name of values("u", "unset")) process.env.delete(name);
  const words = [...operands];
  for (let word; (word = words[0]) !== undefined && word.includes("="); words.shift()) {
    const at = word.indexOf("=");
    process.env.set(word.slice(0, at), word.slice(at + 1));
  }
  if (words.length > 0) return await become(process, words);
  const end = has("0", "null") ? "\0" : "\n";
  await process.out([...process.env].map(([name, value]) => `${name}=${value}${end}`).join(""));
  return 0;
};

const printenv: Program = async (process) => {
  const names = process.argv.slice(1);
  if (names.length === 0) return await env(process);
  let status = 0;
  for (const name of names) {
    const value = process.env.get(name);
    if (value === undefined) status = 1;
    else await process.out(`${value}\n`);
  }
  return status;
};

const xargs: Program = async (process) => {
  const { operands, has, value } = readOptions(process.argv.slice(1), {
    flags: "0rtx",
    valued: "nILPd",
    long: "null no-run-if-empty",
    longValued: "max-args replace delimiter",
    stop: true,
  });
  const text = String.fromCharCode(...await process.readAll());
  const replace = value("I", "replace");
  const items = has("0", "null")
    ? text.split("\0").filter((item) => item !== "")
    : replace !== undefined
    ? text.split("\n").filter((item) => item !== "").map((item) => item.trimStart())
    : [...text.matchAll(/"([^"]*)"|'([^']*)'|((?:\\[^]|[^\s"'])+)/g)].map((
      [, double, single, plain],
    ) => double ?? single ?? (plain ?? "").replaceAll(/\\([^])/g, "$1"));
  if (items.length === 0 && (has("r", "no-run-if-empty") || replace !== undefined)) return 0;
  const command = operands.length > 0 ? operands : ["echo"];
  const size = replace !== undefined ? 1 : Number(value("n", "max-args") ?? Infinity);
  let status = 0;
  for (let at = 0; at === 0 || at < items.length; at += size) {
    const part = items.slice(at, at + size);
    const words = replace === undefined
      ? [...command, ...part]
      : command.map((word) => word.replaceAll(replace, part[0] ?? ""));
    const child = process.system.start(
      process,
      inheritedOf(process),
      words,
      (child) => become(child, words),
    );
    const result = await process.wait(child.exited);
    if (result !== 0) status = result >= 126 ? result : 123;
  }
  return status;
};

/** Programs that make up what another one is run with. */
export const ENVIRONMENT: Readonly<Record<string, Program>> = { env, printenv, xargs };
