import type { GetContext, Root } from "../../app/root.ts";
import { documented } from "../../app/help/help_page.ts";
import type { Context } from "../../app/context.ts";
import { passOn } from "../../app/exit.ts";

/** `pxrun shell CT` */
export function addShell(root: Root, context: GetContext): void {
  documented(root.command("shell"), {
    summary: "open a terminal in a container",
    description:
      "Run root's login shell in a running container, on this terminal. It gets every key and " +
      "the size of the window. The exit status is that of the shell; failures of pxrun itself " +
      "exit 125.",
    examples: [
      ["pxrun shell web-1", "open a terminal; exit ends it"],
      ["TERM=xterm-256color pxrun shell web-1", "for a container that does not know your terminal"],
    ],
  })
    .argument("<container>", "VMID or hostname")
    .action((container) => run(container, context()));
}

async function run(container: string, context: Context): Promise<void> {
  const { withCluster } = await import("../../app/cluster.ts");
  const { noTerminal, shell } = await import("../../../operations/shell.ts");
  // Nobody is asked for a password before that is known.
  if (context.platform.terminal.screen === undefined) throw noTerminal(container);
  passOn(
    await withCluster(
      context,
      "the shell",
      (cluster, signal) => shell(cluster, container, { signal }),
    ),
  );
}
