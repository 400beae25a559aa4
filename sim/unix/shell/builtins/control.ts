import { textOf } from "../../os/bytes.ts";
import { ExitJump, leftOut, LoopJump, ReturnJump, ShellError } from "../jumps.ts";
import type { Builtin, Shell } from "../shell.ts";
import { OPTION_NAMES } from "../state.ts";

function statusFrom(shell: Shell, args: readonly string[]): number {
  const [text] = args;
  if (text === undefined) return shell.state.status;
  if (!/^-?\d+$/.test(text)) throw new ShellError(`Illegal number: ${text}`);
  return Number(text) & 255;
}

function jump(kind: "break" | "continue"): Builtin {
  return (shell, args) => {
    if (shell.loops === 0) return 0;
    throw new LoopJump(kind, Math.min(Number(args[0] ?? 1), shell.loops));
  };
}

const source: Builtin = async (shell, args) => {
  const [file = ""] = args;
  const path = file.includes("/") ? file : shell.system.which(shell.process, file) ?? file;
  const text = textOf(await shell.process.readFile(path));
  try {
    shell.state.status = 0;
    await shell.runText(text);
  } catch (error) {
    if (!(error instanceof ReturnJump)) throw error;
    return error.status;
  }
  return shell.state.status;
};

const set: Builtin = (shell, args) => {
  const { options } = shell.state;
  const rest = [...args];
  for (let word; (word = rest[0]) !== undefined;) {
    if (word === "--" || !/^[-+]./.test(word)) {
      shell.state.positional = word === "--" ? rest.slice(1) : rest;
      return 0;
    }
    rest.shift();
    const on = word.startsWith("-");
    for (const letter of word.slice(1)) {
      const name = letter === "o" ? rest.shift() : OPTION_NAMES[letter];
      if (name === undefined) throw leftOut(`set ${word}`);
      if (on) options.add(name);
      else options.delete(name);
    }
  }
  return 0;
};

/** Builtins that steer what runs next. */
export const CONTROL: Readonly<Record<string, Builtin>> = {
  ":": () => 0,
  true: () => 0,
  false: () => 1,
  break: jump("break"),
  continue: jump("continue"),
  return: (shell, args) => {
    throw new ReturnJump(statusFrom(shell, args));
  },
  exit: (shell, args) => {
    throw new ExitJump(statusFrom(shell, args));
  },
  ".": source,
  eval: async (shell, args) => {
    shell.state.status = 0;
    await shell.runText(args.join(" "));
    return shell.state.status;
  },
  set,
  shift: (shell, args) => {
    const count = Number(args[0] ?? 1);
    if (count > shell.state.positional.length) throw new ShellError("can't shift that many");
    shell.state.positional = shell.state.positional.slice(count);
    return 0;
  },
};
