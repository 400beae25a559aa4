import { leftOut } from "../jumps.ts";
import type { Builtin, Shell } from "../shell.ts";

const KEYWORDS = new Set(
  "! { } case do done elif else esac fi for if in then until while".split(" "),
);

/** Meaning of a name as a command, as `command -v` prints it. */
function find(
  shell: Shell,
  name: string,
  isBuiltin: (name: string) => boolean,
): string | undefined {
  const own = KEYWORDS.has(name) || shell.state.functions.has(name) || isBuiltin(name);
  if (own || name === "exec") return name;
  const path = shell.system.which(shell.process, name, shell.state.get("PATH"));
  return path !== undefined && shell.process.may(path, 1) ? path : undefined;
}

/** Builtins that look commands up. */
export function lookup(isBuiltin: (name: string) => boolean): Readonly<Record<string, Builtin>> {
  return {
    command: async (shell, [option, ...names]) => {
      if (option !== "-v") throw leftOut("command without -v");
      let status = 0;
      // dash looks at the first name only.
      for (const name of shell.state.flavor === "dash" ? names.slice(0, 1) : names) {
        const found = find(shell, name, isBuiltin);
        if (found === undefined) status = 127;
        else await shell.process.out(`${found}\n`);
      }
      return status;
    },
  };
}
