import { signalName, signalNumber } from "../../os/signals.ts";
import { leftOut, ShellError } from "../jumps.ts";
import type { Builtin } from "../shell.ts";

const trap: Builtin = (shell, args) => {
  const [action, ...names] = args;
  if (action === undefined || names.length === 0) throw leftOut("trap without a command");
  for (const word of names) {
    const number = word === "EXIT" ? 0 : signalNumber(word);
    if (number === undefined) throw new ShellError(`${word}: bad trap`, 1);
    shell.trap(
      number === 0 ? "EXIT" : signalName(number),
      number,
      action === "-" ? undefined : action,
    );
  }
  return 0;
};

/** `kill [-SIGNAL] PID…`. */
const kill: Builtin = async (shell, args) => {
  const named = /^-[A-Za-z\d]/.test(args[0] ?? "");
  const name = named ? args[0]?.slice(1) ?? "" : "TERM";
  const signal = signalNumber(name);
  if (signal === undefined) throw new ShellError(`invalid signal number or name: ${name}`);
  let status = 0;
  for (const target of named ? args.slice(1) : args) {
    if (!/^\d+$/.test(target)) throw new ShellError(`Illegal number: ${target}`);
    if (shell.system.kill(Number(target), signal)) continue;
    await shell.complain("kill: No such process");
    status = 1;
  }
  // A signal that ends this very shell ends it here, not one command later.
  await shell.process.sleep(0);
  return status;
};

/** Builtins for processes and signals. */
export const JOBS: Readonly<Record<string, Builtin>> = { trap, kill };
