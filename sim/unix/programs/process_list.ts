import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { SIGNAL, signalNumber } from "../os/signals.ts";
import { readOptions } from "./options.ts";

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

/** Programs that find processes. */
export const PROCESS_LIST: Readonly<Record<string, Program>> = { ps, pgrep, pkill };
