import { signalNumber, SIGNALS } from "../../os/signals.ts";
import type { Process } from "../../os/process.ts";
import type { Shell } from "../shell.ts";
import { ShellError } from "../state.ts";
import type { Builtin } from "./mod.ts";

const wait: Builtin = async (shell, args) => {
  if (args.length === 0) {
    const status = await shell.waitForJobs([...shell.jobs.values()]);
    return status > 128 && shell.jobs.size > 0 ? status : 0;
  }
  let status = 0;
  for (const word of args) {
    const job = shell.jobs.get(Number(word));
    status = job === undefined ? 127 : await shell.waitForJobs([job]);
  }
  return status;
};

const trap: Builtin = async (shell, args) => {
  const words = args[0] === "--" ? args.slice(1) : [...args];
  if (words.length === 0 || words[0] === "-p") {
    for (const [name, action] of shell.state.traps) {
      await shell.process.out(`trap -- '${action}' ${name}\n`);
    }
    return 0;
  }
  const [first = ""] = words;
  const resets = words.length === 1 || /^\d+$/.test(first);
  const action = first === "-" || resets ? undefined : first;
  for (const word of resets && first !== "-" ? words : words.slice(1)) {
    const number = word === "EXIT" || word === "0" ? 0 : signalNumber(word);
    if (number === undefined) throw new ShellError(`${word}: bad trap`, 1);
    const name = number === 0 ? "EXIT" : SIGNALS.find(([, known]) => known === number)?.[0] ?? word;
    shell.trap(name, number, action);
  }
  return 0;
};

/** `kill` for the builtin and the program: the status, after saying what is wrong. */
export async function kill(
  process: Process,
  args: readonly string[],
  complain: (text: string) => Promise<void>,
): Promise<number> {
  let signal = 15;
  const targets: string[] = [];
  const rest = [...args];
  for (let word; (word = rest.shift()) !== undefined;) {
    if (targets.length > 0) targets.push(word);
    else if (word === "--") targets.push(...rest.splice(0));
    else if (word === "-l" || word === "-L") {
      await process.out(SIGNALS.map(([name]) => name).join(" ") + "\n");
      return 0;
    } else if (word === "-s" || word === "-n" || /^-[A-Za-z\d]/.test(word)) {
      const name = word === "-s" || word === "-n" ? rest.shift() ?? "" : word.slice(1);
      const number = signalNumber(name);
      if (number === undefined) {
        await complain(`invalid signal number or name: ${name}`);
        return 2;
      }
      signal = number;
    } else targets.push(word);
  }
  let status = 0;
  for (const target of targets) {
    if (!/^-?\d+$/.test(target)) {
      await complain(`Illegal number: ${target}`);
      return 2;
    }
    const number = Number(target) === 0 ? -process.pgid : Number(target);
    if (process.system.kill(number, signal)) continue;
    await complain("No such process");
    status = 1;
  }
  return status;
}

const killBuiltin: Builtin = async (shell: Shell, args) => {
  const status = await kill(shell.process, args, (text) => shell.complain(`kill: ${text}`));
  // A signal that ends this very shell ends it here, not one command later.
  await shell.process.sleep(0);
  return status;
};

/** Builtins for processes and signals. */
export const JOBS: Readonly<Record<string, Builtin>> = {
  wait,
  trap,
  kill: killBuiltin,
  jobs: async (shell) => {
    for (const pid of shell.jobs.keys()) await shell.process.out(`[${pid}] Running\n`);
    return 0;
  },
  times: async (shell) => {
    await shell.process.out("0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n");
    return 0;
  },
};
