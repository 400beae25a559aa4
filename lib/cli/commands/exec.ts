import type { GetContext, Root } from "../program.ts";
import { PxrunError } from "../../core/errors.ts";
import type { GuestCommand } from "../../guest/command.ts";
import type { Context } from "../context.ts";
import { Finished, NOBODY_READS } from "../exit.ts";
import { passOn } from "../pass_on.ts";

interface Options {
  readonly container: string;
  readonly command: readonly string[];
}

/** `pxrun exec CT -- COMMAND…` */
export function addExec(root: Root, context: GetContext): void {
  root.command("exec")
    .summary("run a command in a container")
    .description(
      "Runs a command as root in a running container, with no shell in between. Standard input, " +
        "output and error, signals and the exit status are those of the command; pxrun's own " +
        "failures exit 125.",
    )
    .argument("<container>", "a vmid or a hostname")
    .argument("<command...>", "behind --, so that its options are its own: exec web-1 -- ls -la")
    .action((container, command) => run({ container, command }, context()));
}

/** How many signals are passed on; the one after them ends the command in the hard way. */
const PASSED_ON = 2;

async function run({ container, command }: Options, context: Context): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../cluster.ts");
  const { exec } = await import("../../lifecycle/exec.ts");
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
    running.kill(name.replace(/^SIG/, "")).catch(({ message }) => terminal.err(`${message}\n`));
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
