import type { GetContext, Root } from "../program.ts";
import type { Cluster } from "../../connect/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { DestroyPlan } from "../../lifecycle/destroy.ts";
import type { Destroyed } from "../../lifecycle/result.ts";
import type { Style } from "../../render/style.ts";
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
  const { planDestroy } = await import("../../lifecycle/destroy.ts");
  const { destroyPlanText } = await import("../../render/destroy.ts");
  const { errStyle, outStyle, printData } = await import("../output.ts");
  const names = options.containers.join(", ");
  await interruptible(world, `the destroy of ${names}`, async (signal) => {
    await using cluster = await connectCluster(context, { signal, asks: !options.yes });
    const { force, purge } = options;
    // All are looked at before any is touched; one may have been named twice.
    const found = await Promise.all(
      options.containers.map((name) => planDestroy(cluster, name, { force, purge, signal })),
    );
    const plans = [...new Map(found.map((plan) => [plan.vmid, plan])).values()];
    const shown = (style: Style): string =>
      plans.map((plan) => destroyPlanText(plan, style)).join("");
    if (options.dryRun) {
      if (format === "table") world.terminal.out(shown(outStyle(context)));
      else await printData({ plans }, context);
      return;
    }
    if (!options.yes) {
      world.terminal.err(shown(errStyle(context)));
      const what = plans.length === 1 ? "Destroy it?" : `Destroy these ${plans.length}?`;
      if (!await confirmed(world, what, `destroy ${names}`, false, signal)) {
        world.terminal.err("nothing was done\n");
        return;
      }
    }
    const { destroyed, failed } = await destroyAll(cluster, plans, context, signal);
    const [first, ...others] = failed;
    if (first !== undefined) {
      // One failure is told as it is; several share the first one's exit status.
      if (others.length === 0 && plans.length === 1) throw first;
      const error = new PxrunError(first.code, failed.map(({ message }) => message).join("\n"), {
        hint: `${destroyed.length} of ${plans.length} are gone`,
      });
      throw Object.assign(error, { destroyed });
    }
    if (format !== "table" && !context.events) await printData({ destroyed }, context);
  });
}

/** Goes on after a failure: the others are to be removed all the same. */
async function destroyAll(
  cluster: Cluster,
  plans: readonly DestroyPlan[],
  context: Context,
  signal: AbortSignal,
): Promise<{ destroyed: readonly Destroyed[]; failed: readonly PxrunError[] }> {
  const { destroy } = await import("../../lifecycle/destroy.ts");
  const { errStyle } = await import("../output.ts");
  const { showProgress } = await import("../progress.ts");
  const style = errStyle(context);
  const destroyed: Destroyed[] = [];
  const failed: PxrunError[] = [];
  for (const plan of plans) {
    try {
      for await (const event of showProgress(destroy(cluster, plan, { signal }), context)) {
        if (event.type !== "destroyed") continue;
        destroyed.push(event.result);
        const { vmid, hostname } = event.result;
        context.world.terminal.err(`${style.bold(hostname ?? String(vmid))} is gone\n`);
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof PxrunError)) throw error;
      failed.push(error);
    }
  }
  return { destroyed, failed };
}
