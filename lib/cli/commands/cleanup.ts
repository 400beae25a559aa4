import type { GetContext, Root } from "../program.ts";
import { confirmed, type Context, interruptible } from "../context.ts";

interface Options {
  readonly all?: true | undefined;
  readonly yes?: true | undefined;
  readonly dryRun?: true | undefined;
}

/** `pxrun cleanup` */
export function addCleanup(root: Root, context: GetContext): void {
  root.command("cleanup")
    .summary("remove what an earlier run left")
    .description(
      "Removes the API tokens that logins by SSH alone have made and, cut off in between, not " +
        "removed. Only those whose run is over: it was on this machine and has ended, or the token " +
        "has expired.",
    )
    .option("--all", "also those that a run elsewhere may be using")
    .option("-y, --yes", "do not ask (needed where there is no terminal)")
    .option("--dry-run", "only print what there is")
    .action((options) => run(options, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  const { connectCluster } = await import("../cluster.ts");
  const { leftTokens, removeTokens } = await import("../../lifecycle/left_tokens.ts");
  const { leftTokensText } = await import("../../render/left_tokens.ts");
  const { errStyle, outStyle, printData } = await import("../output.ts");
  await interruptible(world, "the cleanup", async (signal) => {
    await using cluster = await connectCluster(context, { signal, asks: !options.yes });
    const tokens = await leftTokens(cluster, signal);
    if (options.dryRun) {
      if (format === "table") world.terminal.out(leftTokensText(tokens, outStyle(context)));
      else await printData(tokens, context);
      return;
    }
    const chosen = tokens.filter(({ over }) => over || options.all);
    const kept = tokens.length - chosen.length;
    world.terminal.err(leftTokensText(tokens, errStyle(context)));
    if (kept > 0) world.terminal.err(`${kept} may be in use; --all removes them too\n`);
    const what = chosen.length === 1 ? "Remove one?" : `Remove ${chosen.length}?`;
    const go = chosen.length > 0 &&
      (options.yes || await confirmed(world, what, "remove these tokens", false, signal));
    if (go) await removeTokens(cluster, chosen, signal);
    if (format !== "table") await printData({ removed: go ? chosen : [] }, context);
    else if (go) world.terminal.err(`${chosen.length} removed\n`);
    else if (tokens.length > 0) world.terminal.err("nothing was done\n");
  });
}
