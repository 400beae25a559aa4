import { CommanderError } from "@commander-js/extra-typings";
import { PxrunError } from "../core/errors.ts";
import type { World } from "../core/world.ts";
import type { Context } from "./context.ts";
import { exitStatus, Finished, OWN_FAILURE } from "./exit.ts";
import { guarded } from "./guarded.ts";
import { createProgram } from "./program.ts";

/** Commands whose exit status is that of a command in a container. */
const PASSING_ON: ReadonlySet<string> = new Set(["exec", "shell"]);

/** How wide help is, in columns. */
const HELP_WIDTH = 80;

/**
 * Runs one command line. The one place where an error becomes text and an exit status.
 *
 * @param args What stands behind the program's name.
 * @returns The exit status.
 */
export async function runCli(args: readonly string[], given: World): Promise<number> {
  const world: World = { ...given, terminal: guarded(given) };
  const program = createProgram(world, args);
  let passesOn = false;
  program.hook("preSubcommand", (_, command) => {
    passesOn ||= PASSING_ON.has(command.name());
  });
  const nested = program.commands.flatMap((command) => command.commands);
  for (const command of [program, ...program.commands, ...nested]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => world.terminal.out(text),
      writeErr: (text) => world.terminal.err(text),
      // The same everywhere, so that the root's can be known beforehand.
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    });
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof Finished) return error.status;
    const { format, debug, events } = program.opts();
    const output = { world, format, events: events === true };
    if (!(error instanceof CommanderError)) {
      await report(error, world, debug === true);
      await printError(error, output);
      return passesOn ? OWN_FAILURE : exitStatus(error);
    }
    if (error.exitCode === 0) return 0;
    // Commander has told it on standard error already.
    const message = error.message.replace(/^error: /, "");
    await printError(new PxrunError("USAGE", message), output);
    return passesOn ? OWN_FAILURE : 2;
  }
}

/** Tells an error on standard error. */
async function report(error: unknown, world: World, debug: boolean): Promise<void> {
  const { errorText } = await import("../render/error.ts");
  const { errStyle } = await import("./output.ts");
  world.terminal.err(errorText(error, errStyle({ world }), debug));
}

/** So that standard output is data also then: one object, or the last of the lines of JSON. */
async function printError(
  error: unknown,
  { world, format, events }: Pick<Context, "world" | "format" | "events">,
): Promise<void> {
  if (format === "table" && !events) return;
  const { errorData } = await import("../render/error.ts");
  const { printData } = await import("./output.ts");
  if (events) world.terminal.out(`${JSON.stringify(errorData(error))}\n`);
  else await printData(errorData(error), { world, format });
}
