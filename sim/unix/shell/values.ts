import { ShellError } from "./jumps.ts";
import type { Shell } from "./shell.ts";

/** The value of a variable or a special parameter. */
export function valueOf(shell: Shell, parameter: string): string | undefined {
  const { state } = shell;
  if (/^\d+$/.test(parameter)) {
    return parameter === "0" ? state.name : state.positional[Number(parameter) - 1];
  }
  switch (parameter) {
    case "@":
    case "*":
      return state.positional.length === 0 ? undefined : state.positional.join(" ");
    case "#":
      return String(state.positional.length);
    case "?":
      return String(state.status);
    case "$":
      return state.pid;
    default:
      return state.get(parameter);
  }
}

/** Refuses a parameter that is not set, where `set -u` says so. */
export function mustBeSet(shell: Shell, parameter: string): void {
  if (!shell.state.options.has("nounset") || /^[@*]$/.test(parameter)) return;
  throw new ShellError(`${parameter}: parameter not set`);
}
