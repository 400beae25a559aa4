import type { GetContext, Root } from "../program.ts";
import { confirmed, type Context, interruptible } from "../context.ts";

interface Options {
  readonly containers: readonly string[];
  readonly force?: true | undefined;
  readonly purge?: true | undefined;
  readonly yes?: true | undefined;
  readonly dryRun?: true | undefined;
}

/** `pxrun destroy CT…` */
export function addDestroy(root: Root, context: GetContext): void {
  root.command("destroy").alias("rm")
    .summary("remove containers, running or not")
    .description(
      "Removes containers with their disks. A container is named by its vmid or its hostname; " +
        "all digits is always a vmid.",
    )
    .argument("<containers...>", "vmids or hostnames")
    .option("-y, --yes", "do not ask (needed where there is no terminal)")
    .option("--force", "also a protected container: its protection is lifted first")
    .option("--purge", "also from backup jobs, replication and high availability")
    .option("--dry-run", "only print what would be done")
    .action((containers, options) => run({ containers, ...options }, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  const { connectCluster } = await import("../cluster.ts");
  const { destroy, planDestroy } = await import("../../lifecycle/destroy.ts");
  const { destroyPlanText } = await import("../../render/destroy.ts");
  const { errStyle, outStyle, printData } = await import("../output.ts");
  const { showProgress } = await import("../progress.ts");
  const names = [...new Set(options.containers)];
  await interruptible(world, `the destroy of ${names.join(", ")}`, async (signal) => {
    await using cluster = await connectCluster(context, !options.yes);
    const { force, purge } = options;
    // All are looked at before any is touched.
    const plans = await Promise.all(
      names.map((name) => planDestroy(cluster, name, { force, purge, signal })),
    );
    const shown = plans.map((plan) => destroyPlanText(plan, outStyle(context))).join("");
    if (options.dryRun) {
      if (format === "table") world.terminal.out(shown);
      else await printData(plans, context);
      return;
    }
    if (!options.yes) {
      world.terminal.err(shown);
      const what = plans.length === 1 ? "Destroy it?" : `Destroy these ${plans.length}?`;
      if (!await confirmed(world, what, `destroy ${names.join(", ")}`, false)) {
        world.terminal.err("nothing was done\n");
        return;
      }
    }
    const results = [];
    for (const plan of plans) {
      for await (const event of showProgress(destroy(cluster, plan, { signal }), context)) {
        if (event.type === "destroyed") results.push(event.result);
      }
    }
    if (format !== "table") await printData(results.length === 1 ? results[0] : results, context);
    else {
      const style = errStyle(context);
      for (const { vmid, hostname } of results) {
        world.terminal.err(`${style.bold(hostname ?? String(vmid))} is gone\n`);
      }
    }
  });
}
