import type { Shell } from "../shell.ts";
import { runBuiltin, runProgram } from "../simple.ts";
import type { Builtin } from "./mod.ts";
import { BUILTINS } from "./mod.ts";

const KEYWORDS = new Set(
  "! { } case do done elif else esac fi for if in then until while".split(" "),
);

interface Found {
  readonly kind: "keyword" | "function" | "builtin" | "file";
  readonly path: string;
}

function find(shell: Shell, name: string): Found | undefined {
  if (KEYWORDS.has(name)) return { kind: "keyword", path: name };
  if (shell.state.functions.has(name)) return { kind: "function", path: name };
  if (BUILTINS.has(name) || name === "exec") return { kind: "builtin", path: name };
  const path = shell.system.which(shell.process, name, shell.state.get("PATH"));
  return path !== undefined && shell.process.may(path, 1) ? { kind: "file", path } : undefined;
}

const command: Builtin = async (shell, args) => {
  const [first, ...rest] = args;
  if (first === undefined) return 0;
  if (first === "-p" || first === "--") return await command(shell, rest, "command");
  if (first !== "-v" && first !== "-V") {
    const builtin = BUILTINS.get(first);
    if (builtin === undefined) return await runProgram(shell, args, shell.state.environment());
    await runBuiltin(shell, builtin, "command", rest);
    return shell.state.status;
  }
  let status = 0;
  // dash looks at the first name only.
  for (const name of shell.state.flavor === "dash" ? rest.slice(0, 1) : rest) {
    const found = find(shell, name);
    if (found !== undefined) {
      await shell.process.out(first === "-v" ? `${found.path}\n` : describe(name, found));
    } else {
      if (first === "-V") await shell.process.out(`${name}: not found\n`);
      status = shell.state.flavor === "bash" ? 1 : 127;
    }
  }
  return status;
};

function describe(name: string, found: Found): string {
  const what = {
    keyword: "is a shell keyword",
    function: "is a shell function",
    builtin: "is a shell builtin",
    file: `is ${found.path}`,
  };
  return `${name} ${what[found.kind]}\n`;
}

/** Builtins that look commands up. */
export const LOOKUP: Readonly<Record<string, Builtin>> = {
  command,
  builtin: async (shell, args) => {
    const [name = "", ...rest] = args;
    const builtin = BUILTINS.get(name);
    if (builtin === undefined) return 1;
    return await builtin(shell, rest, name);
  },
  type: async (shell, args) => {
    let status = 0;
    for (const name of args.filter((word) => !word.startsWith("-"))) {
      const found = find(shell, name);
      await shell.process.out(found === undefined ? `${name}: not found\n` : describe(name, found));
      if (found === undefined) status = shell.state.flavor === "bash" ? 1 : 127;
    }
    return status;
  },
  hash: () => 0,
};
