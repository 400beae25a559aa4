import type { GetContext, Root } from "../program.ts";
import { examples } from "../help_page.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import { type Context, interruptible } from "../context.ts";
import { exitStatus, Finished } from "../exit.ts";
import { nodeOption, statusOption, tagOption } from "../selectors.ts";

interface Options {
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly ips?: true | undefined;
  readonly watch?: true | undefined;
}

/** How often a watched list is read again, in milliseconds. */
const WATCH_INTERVAL = 2_000;

/** `pxrun list` */
export function addList(root: Root, context: GetContext): void {
  root.command("list").alias("ls")
    .summary("list the containers of the cluster")
    .description("List the containers that the login may see, by VMID.")
    .addOption(nodeOption())
    .addOption(statusOption())
    .addOption(tagOption())
    .option("--ips", "show their addresses, too (one more call per running container)")
    .option("--watch", "refresh the list every two seconds until Ctrl-C")
    .addHelpText(
      "after",
      examples([
        ["pxrun list --ips", "with the addresses"],
        ["pxrun list --tag dev --status running", "running ones with a tag"],
        ["pxrun list --json", "everything, as data"],
      ]),
    )
    .action((options) => run(options, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  if (options.watch && format !== "table") {
    throw new PxrunError("USAGE", `--watch cannot print ${format}: it shows a table that changes`, {
      hint: "leave one of the two out",
    });
  }
  const { connectCluster } = await import("../cluster.ts");
  const { list } = await import("../../lifecycle/list.ts");
  const { listText } = await import("../../render/list.ts");
  const { outStyle, printData } = await import("../output.ts");
  const listing = interruptible(world, "the list", async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    const { node, status, tag: tags, ips: addresses } = options;
    while (true) {
      const rows = await list(cluster, { node, status, tags, addresses, signal });
      if (options.watch && world.terminal.stdoutIsTerminal) world.terminal.out("\x1b[2J\x1b[H");
      if (format === "table") world.terminal.out(listText(rows, outStyle(context)));
      else await printData(rows, context);
      if (!options.watch) return;
      await world.clock.sleep(WATCH_INTERVAL, signal);
    }
  });
  await listing.catch((error) => {
    // That is how a watch ends, and nothing is amiss.
    throw options.watch && error instanceof Interrupted ? new Finished(exitStatus(error)) : error;
  });
}
