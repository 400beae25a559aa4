import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { inheritedOf } from "../os/system.ts";
import { SIGNAL, signalNumber } from "../os/signals.ts";
import { kill } from "../shell/builtins/jobs.ts";
import { fail, readOptions } from "./options.ts";

/** Runs a command in place of this one; says why it cannot. */
async function become(process: Process, argv: readonly string[]): Promise<number> {
  try {
    return await process.system.become(process, argv);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const status = error.code === "ENOENT" ? 127 : 126;
    return await fail(process, `${argv[0]}: ${error.message}`, status);
  }
}

function milliseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  const unit = { s: 1, m: 60, h: 3600, d: 86400 }[match[2] || "s"] ?? 1;
  return Number(match[1]) * unit * 1000;
}

const sleep: Program = async (process) => {
  let total = 0;
  for (const word of process.argv.slice(1)) {
    if (word === "infinity") total = 2 ** 31 - 1;
    const ms = word === "infinity" ? 0 : milliseconds(word);
    if (ms === undefined) return await fail(process, `invalid time interval '${word}'`);
    total += ms;
  }
  await process.sleep(Math.min(total, 2 ** 31 - 1));
  return 0;
};

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

/** A session of its own; a group leader has to fork first, as the real one does. */
const setsid: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "wcf",
    long: "wait ctty fork",
    stop: true,
  });
  if (operands.length === 0) return await fail(process, "no command specified");
  if (process.pgid !== process.pid && !has("f", "fork")) {
    process.pgid = process.sid = process.pid;
    return await become(process, operands);
  }
  const child = process.system.start(process, inheritedOf(process), operands, (child) => {
    child.pgid = child.sid = child.pid;
    return become(child, operands);
  });
  return has("w", "wait") ? await process.wait(child.exited) : 0;
};

const nohup: Program = (process) => {
  process.dispositions.set(SIGNAL.HUP, "ignore");
  return become(process, process.argv.slice(1));
};

const nice: Program = (process) => {
  const { operands } = readOptions(process.argv.slice(1), {
    valued: "ncp",
    flags: "t",
    stop: true,
  });
  return become(process, operands);
};

const timeout: Program = async (process) => {
  const { operands, value, has } = readOptions(process.argv.slice(1), {
    flags: "v",
    valued: "sk",
    long: "foreground preserve-status verbose",
    longValued: "signal kill-after",
    stop: true,
  });
  const [duration = "", ...command] = operands;
  const ms = milliseconds(duration);
  if (ms === undefined) return await fail(process, `invalid time interval '${duration}'`, 125);
  const signal = signalNumber(value("s", "signal") ?? "TERM") ?? SIGNAL.TERM;
  const after = milliseconds(value("k", "kill-after") ?? "");
  const child = process.system.start(
    process,
    inheritedOf(process),
    command,
    (child) => become(child, command),
  );
  let expired = false;
  const timers: ReturnType<typeof setTimeout>[] = [];
  const send = (number: number) => {
    expired = true;
    child.signal(number);
  };
  if (ms > 0) timers.push(setTimeout(() => send(signal), ms));
  if (after !== undefined) timers.push(setTimeout(() => send(SIGNAL.KILL), ms + after));
  try {
    const status = await process.wait(child.exited);
    if (!expired || has("preserve-status")) return status;
    return status === 128 + SIGNAL.KILL ? status : 124;
  } finally {
    timers.forEach((timer) => clearTimeout(timer));
    child.signal(signal);
  }
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

function listed(process: Process): Process[] {
  return [...process.system.processes.values()].sort((a, b) => a.pid - b.pid);
}

const PS_COLUMNS: Readonly<Record<string, (one: Process) => string>> = {
  pid: (one) => String(one.pid),
  ppid: (one) => String(one.ppid),
  pgid: (one) => String(Math.max(0, one.pgid)),
  pgrp: (one) => String(Math.max(0, one.pgid)),
  sid: (one) => String(Math.max(0, one.sid)),
  sess: (one) => String(Math.max(0, one.sid)),
  uid: (one) => String(one.who.uid),
  user: (one) => one.who.uid === 0 ? "root" : String(one.who.uid),
  tty: () => "?",
  stat: () => "S",
  time: () => "00:00:00",
  etimes: (one) => String(Math.floor((Date.now() - one.startedAt) / 1000)),
  comm: (one) => one.argv[0]?.split("/").at(-1) ?? "",
  args: (one) => one.argv.join(" "),
  cmd: (one) => one.argv.join(" "),
};

const ps: Program = async (process) => {
  const { operands, values } = readOptions(process.argv.slice(1), {
    flags: "eAfaxuw",
    valued: "opgCs",
    long: "no-headers no-heading",
    longValued: "pid ppid format sort",
  });
  const pids = values("p", "pid").flatMap((text) => text.split(",")).map(Number);
  const columns = values("o", "format").flatMap((text) => text.split(",")).map((text) =>
    text.trim()
  );
  const chosen = listed(process).filter(({ pid }) => pids.length === 0 || pids.includes(pid));
  const names = columns.length > 0
    ? columns.map((text) => text.split("=")[0] ?? "")
    : operands.some((word) => /^[aux]+$/.test(word))
    ? ["user", "pid", "stat", "args"]
    : ["pid", "tty", "time", "args"];
  const rows = chosen.map((one) => names.map((name) => PS_COLUMNS[name]?.(one) ?? "-").join(" "));
  const bare = columns.some((text) => text.includes("="));
  const header = bare
    ? []
    : [names.map((name) => name === "args" ? "COMMAND" : name.toUpperCase()).join(" ")];
  await process.out([...header, ...rows].map((row) => `${row}\n`).join(""));
  return chosen.length > 0 ? 0 : 1;
};

function matching(process: Process): {
  readonly found: Process[];
  readonly options: ReturnType<typeof readOptions>;
} {
  const words = process.argv.slice(1).filter((word) => !/^-(\d+|[A-Z]{2,})$/.test(word));
  const options = readOptions(words, {
    flags: "afxlnoiev",
    valued: "gPsuU",
    long: "full exact list-full newest",
    longValued: "pgroup signal",
  });
  const pattern = new RegExp(options.operands[0] ?? "");
  const groups = options.values("g", "pgroup").flatMap((text) => text.split(",")).map(Number);
  const found = listed(process).filter((one) => {
    const text = options.has("f", "full") ? one.argv.join(" ") : PS_COLUMNS["comm"]?.(one) ?? "";
    const exact = options.has("x", "exact") ? text === options.operands[0] : pattern.test(text);
    return one.pid !== process.pid && exact && (groups.length === 0 || groups.includes(one.pgid));
  });
  return { found, options };
}

const pgrep: Program = async (process) => {
  const { found, options } = matching(process);
  const line = (one: Process) =>
    options.has("a", "list-full")
      ? `${one.pid} ${one.argv.join(" ")}\n`
      : options.has("l")
      ? `${one.pid} ${PS_COLUMNS["comm"]?.(one)}\n`
      : `${one.pid}\n`;
  await process.out(found.map(line).join(""));
  return found.length > 0 ? 0 : 1;
};

const pkill: Program = (process) => {
  const { found, options } = matching(process);
  const given = process.argv.slice(1).find((word) => /^-(\d+|[A-Z]{2,})$/.test(word))?.slice(1);
  const signal = signalNumber(given ?? options.value("signal") ?? "TERM") ?? SIGNAL.TERM;
  for (const one of found) one.signal(signal);
  return found.length > 0 ? 0 : 1;
};

const tty: Program = async (process) => {
  const terminal = process.fds.get(0)?.terminal === true;
  if (!process.argv.includes("-s")) await process.out(terminal ? "/dev/pts/0\n" : "not a tty\n");
  return terminal ? 0 : 1;
};

/** Programs about processes: those that run, wait for, end or list others. */
export const PROCESSES: Readonly<Record<string, Program>> = {
  sleep,
  env,
  printenv,
  setsid,
  nohup,
  nice,
  ionice: nice,
  timeout,
  xargs,
  ps,
  pgrep,
  pkill,
  tty,
  kill: (process) =>
    kill(process, process.argv.slice(1), (text) => fail(process, text).then(() => {})),
  true: () => 0,
  false: () => 1,
  sync: () => 0,
};
