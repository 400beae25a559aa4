import type { Program } from "../os/system.ts";
import { inheritedOf } from "../os/system.ts";
import { SIGNAL, signalNumber } from "../os/signals.ts";
import { kill } from "../shell/builtins/jobs.ts";
import { fail, readOptions } from "./options.ts";
import { become } from "./become.ts";

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

const tty: Program = async (process) => {
  const terminal = process.fds.get(0)?.terminal === true;
  if (!process.argv.includes("-s")) await process.out(terminal ? "/dev/pts/0\n" : "not a tty\n");
  return terminal ? 0 : 1;
};

/** Programs that run others, wait or end them. */
export const PROCESSES: Readonly<Record<string, Program>> = {
  sleep,
  setsid,
  nohup,
  nice,
  ionice: nice,
  timeout,
  tty,
  kill: (process) =>
    kill(process, process.argv.slice(1), (text) => fail(process, text).then(() => {})),
  true: () => 0,
  false: () => 1,
  sync: () => 0,
};
