import { Errno } from "../../os/errno.ts";
import { normalize } from "../../os/tree.ts";
import type { Shell } from "../shell.ts";
import { ShellError } from "../state.ts";
import type { Builtin } from "./mod.ts";

function nameOf(word: string): { readonly name: string; readonly value: string | undefined } {
  const at = word.indexOf("=");
  const name = at < 0 ? word : word.slice(0, at);
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new ShellError(`${name}: bad variable name`);
  return { name, value: at < 0 ? undefined : word.slice(at + 1) };
}

function marker(mark: "exported" | "readonly", listing: string): Builtin {
  return async (shell, args) => {
    const words = args.filter((word) => word !== "-p" && word !== "--" && word !== "-n");
    const on = !args.includes("-n");
    if (words.length === 0) {
      for (const [name, variable] of [...shell.state.variables].sort()) {
        if (variable[mark]) {
          await shell.process.out(`${listing} ${name}='${variable.value ?? ""}'\n`);
        }
      }
    }
    for (const word of words) {
      const { name, value } = nameOf(word);
      if (value !== undefined) shell.state.set(name, value);
      shell.state.mark(name, mark, on);
    }
    return 0;
  };
}

const local: Builtin = (shell, args) => {
  for (const word of args) {
    if (/^-\w+$/.test(word)) continue;
    const { name, value } = nameOf(word);
    shell.state.makeLocal(name);
    if (value !== undefined) shell.state.set(name, value);
  }
  return 0;
};

const declare: Builtin = (shell, args) => {
  const flags = args.filter((word) => /^[-+]\w+$/.test(word)).join("");
  for (const word of args.filter((word) => !/^[-+]\w+$/.test(word))) {
    const { name, value } = nameOf(word);
    if (shell.state.inFunction && !flags.includes("g")) shell.state.makeLocal(name);
    if (value !== undefined) shell.state.set(name, value);
    if (flags.includes("x")) shell.state.mark(name, "exported");
    if (flags.includes("r")) shell.state.mark(name, "readonly");
  }
  return 0;
};

const unset: Builtin = (shell, args) => {
  const functions = args[0] === "-f";
  for (const name of args.filter((word) => word !== "-f" && word !== "-v")) {
    if (functions) shell.state.functions.delete(name);
    else shell.state.unset(name);
  }
  return 0;
};

const cd: Builtin = async (shell, args) => {
  const [wanted] = args.filter((word) => word !== "--" && word !== "-P" && word !== "-L");
  const old = shell.process.cwd;
  const to = wanted === "-" ? shell.state.get("OLDPWD") : wanted ?? shell.state.get("HOME");
  if (to === undefined) {
    if (wanted === undefined && shell.state.flavor !== "bash") return 0;
    throw new ShellError(wanted === undefined ? "HOME not set" : "OLDPWD not set", 1);
  }
  const path = normalize(old, to);
  try {
    shell.system.tree.dir(path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const bash = shell.state.flavor === "bash";
    throw new ShellError(bash ? `${to}: ${error.message}` : `can't cd to ${to}`, bash ? 1 : 2);
  }
  shell.process.cwd = path;
  shell.state.set("OLDPWD", old);
  shell.state.set("PWD", path, true);
  if (wanted === "-") await shell.process.out(`${path}\n`);
  return 0;
};

const getopts: Builtin = (shell, args) => {
  const [spec = "", name = "", ...given] = args;
  const words = given.length > 0 ? given : shell.state.positional;
  const silent = spec.startsWith(":");
  const index = Number(shell.state.get("OPTIND") ?? 1);
  const offset = shell.state.optionOffset;
  const word = words[index - 1];
  const finish = (letter: string, next: number, at: number) => {
    shell.state.set(name, letter);
    shell.state.set("OPTIND", String(next));
    shell.state.optionOffset = at;
    return 0;
  };
  if (word === undefined || !/^-./.test(word) || word === "--") {
    finish("?", word === "--" ? index + 1 : index, 1);
    return 1;
  }
  const letter = word.charAt(offset);
  const last = offset + 1 >= word.length;
  const known = letter !== ":" && spec.includes(letter);
  const wantsValue = known && spec[spec.indexOf(letter) + 1] === ":";
  if (!known) {
    if (silent) shell.state.set("OPTARG", letter);
    return finish("?", last ? index + 1 : index, last ? 1 : offset + 1);
  }
  if (shell.state.flavor === "bash") shell.state.unset("OPTARG");
  else shell.state.set("OPTARG", "");
  if (!wantsValue) return finish(letter, last ? index + 1 : index, last ? 1 : offset + 1);
  const value = last ? words[index] : word.slice(offset + 1);
  if (value === undefined) {
    shell.state.set("OPTARG", silent ? letter : "");
    return finish(silent ? ":" : "?", index + 1, 1);
  }
  shell.state.set("OPTARG", value);
  return finish(letter, last ? index + 2 : index + 1, 1);
};

const umask: Builtin = async (shell: Shell, args) => {
  const [text] = args;
  if (text === undefined) {
    await shell.process.out(`${shell.process.umask.toString(8).padStart(4, "0")}\n`);
    return 0;
  }
  if (!/^[0-7]+$/.test(text)) throw new ShellError(`Illegal mode: ${text}`);
  shell.process.umask = parseInt(text, 8) & 0o777;
  return 0;
};

/** Builtins that change what the shell remembers. */
export const VARIABLES: Readonly<Record<string, Builtin>> = {
  export: marker("exported", "export"),
  readonly: marker("readonly", "readonly"),
  local,
  declare,
  typeset: declare,
  unset,
  cd,
  pwd: async (shell) => {
    await shell.process.out(`${shell.process.cwd}\n`);
    return 0;
  },
  getopts,
  umask,
  alias: () => 0,
  unalias: () => 0,
  ulimit: async (shell, args) => {
    if (args.every((word) => word.startsWith("-"))) await shell.process.out("unlimited\n");
    return 0;
  },
};
