import type { GetContext, Root } from "../../app/root.ts";
import { examples } from "../../app/help/help_page.ts";
import { filters, PARALLEL } from "../../app/selectors.ts";
import { commandLine } from "../../../core/argv.ts";
import { PxrunError } from "../../../core/errors.ts";
import type { GuestCommand } from "../../../guest/command.ts";
import { type Context } from "../../app/context.ts";
import { Finished, NOBODY_READS } from "../../app/exit.ts";
import { operandsOf, type Typed, typed, withDashes } from "../../app/help/typed.ts";
import { passOn } from "../../app/pass_on.ts";

interface Options {
  /** What stands before the command. */
  readonly containers: readonly string[];
  readonly command: readonly string[];
  readonly tag?: readonly string[] | undefined;
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  readonly parallel?: number | undefined;
}

/** `pxrun exec CT… -- COMMAND…` */
export function addExec(root: Root, context: GetContext): void {
  filters(root.command("exec"))
    .usage("[options] CT -- COMMAND…\n       pxrun exec [options] CT… | --tag TAG … -- COMMAND…")
    .summary("run a command in a container, or in several")
    .description(
      "Run a command as root in a running container, without a shell. Standard input, output " +
        "and error, signals and the exit status are those of the command; failures of pxrun " +
        "itself exit 125. In several containers it runs side by side without standard input, each " +
        "line of output prefixed with the container; the exit status is 0 if all had 0, 125 if " +
        "pxrun itself failed, 1 otherwise.",
    )
    .argument(
      "<container -- command...>",
      "VMIDs or hostnames, --, and the command with its arguments",
    )
    .option(...PARALLEL)
    .addHelpText(
      "after",
      examples([
        ["pxrun exec web-1 -- ls -la /etc", "run one command"],
        ["pxrun exec web-1 -- sh -c 'ls /etc | wc -l'", "run a shell for pipes and variables"],
        ["pxrun exec --tag web -- systemctl is-active nginx", "run it in all that have the tag"],
        ["tar c . | pxrun exec web-1 -- tar x -C /srv", "pass standard input on"],
      ]),
    )
    .action((words, options) => {
      const common = context();
      refuseTakenOptions(typed(root, common.args));
      return run({ ...splitWords(words, common.args), ...options }, common);
    });
}

/**
 * Without `--` pxrun would take options of the command for its own, and run it without them.
 *
 * @throws {PxrunError} USAGE with the line that is right.
 */
function refuseTakenOptions(line: Typed): void {
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

/** What stands before `--` names containers; without it that is the first word, and no more. */
function splitWords(
  words: readonly string[],
  typed: readonly string[],
): Pick<Options, "containers" | "command"> {
  const dashes = typed.indexOf("--");
  const behind = dashes < 0 ? words.length - 1 : typed.length - dashes - 1;
  const named = words.length - behind;
  return { containers: words.slice(0, named), command: words.slice(named) };
}

async function run(options: Options, context: Context): Promise<void> {
  const { containers, command, tag, node, status } = options;
  const [container, ...others] = containers;
  const common = [tag, node, status].some((value) => value !== undefined);
  // Without -- the first word is a container, which is not what somebody means who selects them.
  if (command.length === 0 || common && !context.args.includes("--")) {
    throw new PxrunError("USAGE", "there is no command to run", {
      hint: `it stands behind --: ${commandLine(["pxrun", "exec", container ?? "CT"])} -- ls -la`,
    });
  }
  if (container !== undefined && others.length === 0 && !common) {
    return await runInOne(container, command, context);
  }
  const { execInSeveral } = await import("./exec_several.ts");
  await execInSeveral({ ...options, tags: tag }, context);
}

/** How many signals are passed on; the one after them ends the command in the hard way. */
const PASSED_ON = 2;

async function runInOne(
  container: string,
  command: readonly string[],
  context: Context,
): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../../app/cluster.ts");
  const { exec } = await import("../../../operations/exec.ts");
  const { terminal } = world;
  const stopping = new AbortController();
  let running: GuestCommand | undefined;
  let signals = 0;
  let over = false;
  const unlisten = world.onInterrupt((name) => {
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
    if (!terminal.write(stream, chunk)) throw new Finished(NOBODY_READS);
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
