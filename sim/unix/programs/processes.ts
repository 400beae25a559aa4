import { Errno } from "../os/errno.ts";
import type { Process, Program } from "../os/process.ts";
import { fail, readOptions } from "./options.ts";

/** Runs a command in place of this one; says why it cannot. */
export async function become(process: Process, argv: readonly string[]): Promise<number> {
  const [name = ""] = argv;
  try {
    return await process.system.become(process, argv);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code !== "ENOENT") return await fail(process, `${name}: ${error.message}`, 126);
    return await fail(process, process.system.missing(name), 127);
  }
}

const env: Program = async (process) => {
  const { operands, values } = readOptions(process, {
    valued: "u",
    stop: true,
  });
  for (const name of values("u")) process.env.delete(name);
  if (operands.length > 0) return await become(process, operands);
  await process.out([...process.env].map(([name, value]) => `${name}=${value}\n`).join(""));
  return 0;
};

const sleep: Program = async (process) => {
  const [text = ""] = process.argv.slice(1);
  if (!/^\d*\.?\d+$/.test(text)) return await fail(process, `invalid time interval '${text}'`);
  await process.sleep(Number(text) * 1000);
  return 0;
};

/** A session of its own. */
const setsid: Program = (process) => {
  process.pgid = process.sid = process.pid;
  return become(process, process.argv.slice(1));
};

const tty: Program = async (process) => {
  const terminal = process.fds.get(0)?.terminal === true;
  await process.out(terminal ? "/dev/pts/0\n" : "not a tty\n");
  return terminal ? 0 : 1;
};

/** Every process, as `ps ax` lists them. */
const ps: Program = async (process) => {
  const rows = [...process.system.processes.values()].map(({ pid, argv }) =>
    `${pid} ? S 00:00:00 ${argv.join(" ")}\n`
  );
  await process.out(`PID TTY STAT TIME COMMAND\n${rows.join("")}`);
  return 0;
};

/** Programs that run others, wait for them or end them. */
export const PROCESSES: Readonly<Record<string, Program>> = {
  env,
  sleep,
  setsid,
  tty,
  ps,
  true: () => 0,
  false: () => 1,
};
