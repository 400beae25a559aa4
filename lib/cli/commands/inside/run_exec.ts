import { commandLine } from "../../../core/argv.ts";
import { PxrunError } from "../../../core/errors.ts";
import type { GuestCommand } from "../../../guest/command.ts";
import { exec } from "../../../operations/exec.ts";
import { connectCluster } from "../../app/cluster.ts";
import type { Context } from "../../app/context.ts";
import { BROKEN_PIPE, Finished, passOn } from "../../app/exit.ts";
import { operandsOf, type Typed, withDashes } from "../../app/help/typed.ts";
import type { SelectedOptions } from "../../app/selectors.ts";

/** The arguments and flags of `pxrun exec`. */
export interface ExecFlags extends Omit<SelectedOptions, "yes" | "dryRun" | "quiet"> {
  readonly command: readonly string[];
}

/**
 * Without `--` pxrun would take options of the command for its own, and run it without them.
 *
 * @throws {PxrunError} USAGE with the line that is right.
 */
export function refuseTakenOptions(line: Typed): void {
  const [container] = operandsOf(line);
  const meant = withDashes(line);
  if (container === undefined || meant === undefined) return;
  const behind = line.rest.slice(line.rest.indexOf(container) + 1);
  const option = behind.find((word) => word.startsWith("-"));
  if (option === undefined || behind.length < 2) return;
  throw new PxrunError("USAGE", `cannot tell whose option ${option} is: pxrun's or the command's`, {
    hint: `put -- before the command: ${meant}`,
  });
}

/** The words before `--` name containers; without it that is the first word, and no more. */
export function splitWords(
  words: readonly string[],
  typed: readonly string[],
): Pick<ExecFlags, "containers" | "command"> {
  const dashes = typed.indexOf("--");
  const behind = dashes < 0 ? words.length - 1 : typed.length - dashes - 1;
  const named = words.length - behind;
  return { containers: words.slice(0, named), command: words.slice(named) };
}

/** Runs the command in one container as it is, or in several with their names. */
export async function runExec(options: ExecFlags, context: Context): Promise<void> {
  const { containers, command, tag, node, status } = options;
  const [container, ...others] = containers;
  const common = [tag, node, status].some((value) => value !== undefined);
  // Without -- the first word is a container, which is not meant where they are selected.
  if (command.length === 0 || common && !context.args.includes("--")) {
    throw new PxrunError("USAGE", "there is no command to run", {
      hint: `put it after --: ${commandLine(["pxrun", "exec", container ?? "CT"])} -- ls -la`,
    });
  }
  if (container !== undefined && others.length === 0 && !common) {
    return await runInOne(container, command, context);
  }
  const { execInSeveral } = await import("./exec_several.ts");
  await execInSeveral({ ...options, tags: tag }, context);
}

/** Number of signals that are passed on; the one after them ends the command by force. */
const PASSED_ON = 2;

async function runInOne(
  container: string,
  command: readonly string[],
  context: Context,
): Promise<void> {
  const { platform } = context;
  const { terminal } = platform;
  const stopping = new AbortController();
  let running: GuestCommand | undefined;
  let signals = 0;
  let over = false;
  const unlisten = platform.onInterrupt((name) => {
    // What follows only cleans up.
    if (over) return;
    if (running === undefined || ++signals > PASSED_ON) {
      return stopping.abort(new PxrunError("INTERRUPTED", `the exec was interrupted by ${name}`));
    }
    running.kill(name.replace(/^SIG/, "")).catch(({ message }) => {
      // The signal may have ended the command before its own way in was through.
      if (!over) terminal.err(`${message}\n`);
    });
  });
  const show = (stream: "out" | "err") => (chunk: Uint8Array): void => {
    // What still writes finds its pipe closed, as in any pipeline.
    if (!terminal.write(stream, chunk)) throw new Finished(BROKEN_PIPE);
  };
  try {
    await using cluster = await connectCluster(context, { signal: stopping.signal });
    running = await exec(cluster, container, command, {
      stdin: terminal.chunks(),
      onStdout: show("out"),
      onStderr: show("err"),
      signal: stopping.signal,
    });
    passOn(await running.ended.finally(() => over = true));
  } finally {
    unlisten();
  }
}
