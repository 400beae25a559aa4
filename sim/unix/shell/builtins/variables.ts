import { Errno } from "../../os/errno.ts";
import { normalize } from "../../os/tree.ts";
import { leftOut, ShellError } from "../jumps.ts";
import type { Builtin } from "../shell.ts";

const exportBuiltin: Builtin = (shell, args) => {
  for (const word of args) {
    const [, name, value] = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(word) ?? [];
    if (name === undefined) throw new ShellError(`${word}: bad variable name`);
    if (value !== undefined) shell.state.set(name, value);
    shell.state.export(name);
  }
  return 0;
};

const cd: Builtin = (shell, [to = shell.state.get("HOME") ?? "/"]) => {
  if (to.startsWith("-")) throw leftOut(`cd ${to}`);
  const path = normalize(shell.process.cwd, to);
  try {
    shell.system.tree.dir(path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new ShellError(`can't cd to ${to}`);
  }
  shell.process.cwd = path;
  shell.state.set("PWD", path, true);
  return 0;
};

const umask: Builtin = (shell, [text]) => {
  if (text === undefined) throw leftOut("umask without a mode");
  if (!/^[0-7]+$/.test(text)) throw new ShellError(`Illegal mode: ${text}`);
  shell.process.umask = parseInt(text, 8) & 0o777;
  return 0;
};

/** Builtins that change what the shell remembers. */
export const VARIABLES: Readonly<Record<string, Builtin>> = {
  export: exportBuiltin,
  cd,
  pwd: async (shell) => {
    await shell.process.out(`${shell.process.cwd}\n`);
    return 0;
  },
  umask,
};
