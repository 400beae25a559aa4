import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";
import { passOn } from "../pass_on.ts";

/** `pxrun shell CT` */
export function addShell(root: Root, context: GetContext): void {
  root.command("shell")
    .summary("a terminal in a container")
    .description(
      "Runs root's login shell in a running container, on this terminal: size, colours and all " +
        "keys are its own. The exit status is the shell's; pxrun's own failures exit 125.",
    )
    .argument("<container>", "a vmid or a hostname")
    .action((container) => run(container, context()));
}

async function run(container: string, context: Context): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../cluster.ts");
  const { noTerminal, shell } = await import("../../lifecycle/shell.ts");
  // Nobody is asked for a password before that is known.
  if (world.terminal.screen === undefined) throw noTerminal();
  const ended = await interruptible(world, "the shell", async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    return await shell(cluster, container, { signal });
  });
  passOn(ended);
}
