import { CommanderError } from "../../../deps/commander.ts";
import { missingPermission } from "./permission.ts";
import type { Platform } from "../../core/platform.ts";
import { BROKEN_PIPE, exitStatus, Finished, OWN_FAILURE } from "./exit.ts";
import { guarded, interruptibleFiles } from "./guarded.ts";
import { helpWidth } from "./help/help.ts";
import { createProgram } from "./program.ts";

/** Commands whose exit status is that of a command in a container. */
const PASSING_ON: ReadonlySet<string> = new Set(["exec", "shell"]);

/**
 * Runs one command line. The one place where an error becomes text and an exit status.
 *
 * @param args The words behind the program's name.
 * @returns The exit status.
 */
export async function runCli(args: readonly string[], given: Platform): Promise<number> {
  const platform: Platform = { ...given, ...interruptibleFiles(given), terminal: guarded(given) };
  const { terminal } = platform;
  const program = createProgram(platform, args, runCli);
  let own: number | undefined;
  program.hook("preSubcommand", (_, command) => {
    if (PASSING_ON.has(command.name())) own = OWN_FAILURE;
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
  let status = 0;
  try {
    await refuseHelpOfNothing(program, args);
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof Finished) status = error.status;
    else if (!(error instanceof CommanderError) || error.exitCode !== 0) {
      const known = await report(error, program, args, platform);
      status = own ?? exitStatus(known);
    }
  }
  // Output that could not be written.
  const lost = terminal.failure?.();
  if (lost === undefined || status !== 0 && status !== BROKEN_PIPE) return status;
  await printError(lost, platform, false);
  return own ?? exitStatus(lost);
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

/**
 * Reports an error on standard error; as data on standard output, too, where that is data: as one
 * object, or as the last of the lines of JSON.
 *
 * @returns The error as pxrun knows it.
 */
async function report(
  error: unknown,
  program: ReturnType<typeof createProgram>,
  args: readonly string[],
  platform: Platform,
): Promise<unknown> {
  const { format, debug = false, events = false } = program.opts();
  const known = error instanceof CommanderError
    ? (await import("./help/usage_error.ts")).usageError(error, program, args)
    : missingPermission(error) ?? error;
  // Help is on standard error already.
  const isHelp = error instanceof CommanderError && error.code === "commander.help";
  if (!isHelp) await printError(known, platform, debug);
  if (format === "table" && !events) return known;
  const { errorData } = await import("../../render/error.ts");
  const { print } = await import("./output.ts");
  const data = errorData(known);
  if (events) platform.terminal.out(`${JSON.stringify(data)}\n`);
  else await print({ platform, format }, { data });
  return known;
}

async function printError(error: unknown, platform: Platform, debug: boolean): Promise<void> {
  const { errorText } = await import("../../render/error.ts");
  const { errStyle } = await import("./colors.ts");
  platform.terminal.err(errorText(error, errStyle({ platform }), debug));
}
