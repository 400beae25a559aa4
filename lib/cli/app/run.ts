import { CommanderError } from "../../../deps/commander.ts";
import { missingPermission } from "./permission.ts";
import type { Platform } from "../../core/platform.ts";
import type { Context } from "./context.ts";
import { BROKEN_PIPE, exitStatus, Finished, OWN_FAILURE } from "./exit.ts";
import { guarded, interruptibleFiles } from "./guarded.ts";
import { helpWidth } from "./help/help.ts";
import { createProgram } from "./program.ts";

/** Commands whose exit status is that of a command in a container. */
const PASSING_ON: ReadonlySet<string> = new Set(["exec", "shell"]);

/**
 * Runs one command line. The one place where an error becomes text and an exit status.
 *
 * @param args What stands behind the program's name.
 * @returns The exit status.
 */
export async function runCli(args: readonly string[], given: Platform): Promise<number> {
  const platform: Platform = { ...given, ...interruptibleFiles(given), terminal: guarded(given) };
  const { status, passesOn } = await runCommand(args, platform);
  const lost = platform.terminal.failure?.();
  if (lost === undefined || status !== 0 && status !== BROKEN_PIPE) return status;
  await report(lost, platform, false);
  return passesOn ? OWN_FAILURE : exitStatus(lost);
}

/** Runs it; what could not be printed is not yet looked at. */
async function runCommand(
  args: readonly string[],
  platform: Platform,
): Promise<{ readonly status: number; readonly passesOn: boolean }> {
  const ends = (status: number): { status: number; passesOn: boolean } => ({ status, passesOn });
  const program = createProgram(platform, args, runCli);
  const { terminal } = platform;
  let passesOn = false;
  program.hook("preSubcommand", (_, command) => {
    passesOn ||= PASSING_ON.has(command.name());
  });
  const nested = program.commands.flatMap((command) => command.commands);
  for (const command of [program, ...program.commands, ...nested]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: () => {},
      getOutHelpWidth: () => helpWidth(terminal.stdoutIsTerminal, terminal.columns()),
      getErrHelpWidth: () => helpWidth(terminal.stderrIsTerminal, terminal.columns()),
    });
  }
  try {
    await refuseHelpOfNothing(program, args);
    await program.parseAsync([...args], { from: "user" });
    return ends(0);
  } catch (error) {
    if (error instanceof Finished) return ends(error.status);
    const { format, debug, events } = program.opts();
    const output = { platform, format, events: events === true };
    const isHelp = error instanceof CommanderError && error.code === "commander.help";
    if (error instanceof CommanderError && error.exitCode === 0) return ends(0);
    const told = error instanceof CommanderError
      ? (await import("./help/usage_error.ts")).usageError(error, program, args)
      : missingPermission(error) ?? error;
    // Help is on standard error already.
    if (!isHelp) await report(told, platform, debug === true);
    await printError(told, output);
    return ends(passesOn ? OWN_FAILURE : exitStatus(told));
  }
}

/** Commander prints the help of the root for a command that does not exist. */
async function refuseHelpOfNothing(
  program: ReturnType<typeof createProgram>,
  args: readonly string[],
): Promise<void> {
  if (!args.includes("--help") && !args.includes("-h")) return;
  const { operandsOf, typed } = await import("./help/typed.ts");
  const line = typed(program, args);
  const [word] = operandsOf(line);
  if (word === undefined || line.command.commands.length === 0) return;
  throw new CommanderError(2, "commander.unknownCommand", `error: unknown command '${word}'`);
}

/** Tells an error on standard error. */
async function report(error: unknown, platform: Platform, debug: boolean): Promise<void> {
  const { errorText } = await import("../../render/error.ts");
  const { errStyle } = await import("./colors.ts");
  platform.terminal.err(errorText(error, errStyle({ platform }), debug));
}

/** So that standard output is data also then: one object, or the last of the lines of JSON. */
async function printError(
  error: unknown,
  { platform, format, events }: Pick<Context, "platform" | "format" | "events">,
): Promise<void> {
  if (format === "table" && !events) return;
  const { errorData } = await import("../../render/error.ts");
  const { print } = await import("./output.ts");
  if (events) platform.terminal.out(`${JSON.stringify(errorData(error))}\n`);
  else await print({ platform, format }, { data: errorData(error) });
}
