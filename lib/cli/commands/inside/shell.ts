import type { GetContext, Root } from "../../app/root.ts";
import { examples } from "../../app/help/help_page.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { passOn } from "../../app/pass_on.ts";

/** `pxrun shell CT` */
export function addShell(root: Root, context: GetContext): void {
  root.command("shell")
    .summary("open a terminal in a container")
    .description(
      "Run root's login shell in a running container, on this terminal. It gets every key and " +
        "the size of the window. The exit status is that of the shell; failures of pxrun itself " +
        "exit 125.",
    )
    .argument("<container>", "VMID or hostname")
    .addHelpText(
      "after",
      examples([
        ["pxrun shell web-1", "open a terminal; exit ends it"],
        [
          "TERM=xterm-256color pxrun shell web-1",
          "for a container that does not know your terminal",
        ],
      ]),
    )
    .action((container) => run(container, context()));
}

async function run(container: string, context: Context): Promise<void> {
  const { platform } = context;
  const { connectCluster } = await import("../../app/cluster.ts");
  const { noTerminal, shell } = await import("../../../operations/shell.ts");
  // Nobody is asked for a password before that is known.
  if (platform.terminal.screen === undefined) throw noTerminal(container);
  const ended = await interruptible(platform, "the shell", async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    return await shell(cluster, container, { signal });
  });
  passOn(ended);
}
