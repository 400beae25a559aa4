import { CommanderError } from "@commander-js/extra-typings";
import type { World } from "../core/world.ts";
import { exitStatus } from "./exit.ts";
import { createProgram } from "./program.ts";

/** Options that all commands share may stand before or behind the command. */
const shared = /^(--format(=|$)|-v$|--verbose$|--debug$|--insecure$|--no-temp-token$)/;

/** Brings shared options to the front, where commander looks for them; `--` ends the search. */
function sharedFirst(args: readonly string[]): string[] {
  const front: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") return [...front, ...rest, ...args.slice(i)];
    if (!shared.test(arg)) rest.push(arg);
    else {
      front.push(arg);
      const value = args[i + 1];
      if (arg === "--format" && value !== undefined) {
        front.push(value);
        i++;
      }
    }
  }
  return [...front, ...rest];
}

/**
 * Runs one command line. The one place where an error becomes text and an exit status.
 *
 * @param args What stands behind the program's name.
 * @returns The exit status.
 */
export async function runCli(args: readonly string[], world: World): Promise<number> {
  const program = createProgram(world);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => world.terminal.out(text),
      writeErr: (text) => world.terminal.err(text),
      getOutHelpWidth: () => world.terminal.columns(),
      getErrHelpWidth: () => world.terminal.columns(),
    });
  }
  try {
    await program.parseAsync(sharedFirst(args), { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { format, debug } = program.opts();
    await report(error, world, format, debug === true);
    return exitStatus(error);
  }
}

async function report(
  error: unknown,
  world: World,
  format: string,
  debug: boolean,
): Promise<void> {
  const { errorData, errorText } = await import("../render/error.ts");
  const { style, wantsColor } = await import("../render/style.ts");
  const color = wantsColor(world.env, world.terminal.stderrIsTerminal);
  world.terminal.err(errorText(error, style(color), debug));
  if (format === "json") {
    world.terminal.out(`${JSON.stringify(errorData(error), null, 2)}\n`);
  }
}
