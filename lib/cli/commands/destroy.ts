import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import { plain } from "../../core/plain.ts";
import type { DestroyPlan } from "../../operations/destroy/plan_destroy.ts";
import type { Named } from "../../cluster/guests/handle.ts";
import type { Style } from "../../render/style.ts";
import {
  confirmed,
  confirmOrCancel,
  type Context,
  interruptible,
  readCount,
} from "../app/context.ts";
import { nodeOption, QUIET, statusOption, tagOption } from "../app/selectors.ts";

interface Options {
  readonly containers: readonly string[];
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly allFailed?: true | undefined;
  readonly parallel?: number | undefined;
  readonly force?: true | undefined;
  readonly purge?: true | undefined;
  readonly yes?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly keepTailscaleNode?: true | undefined;
  readonly quiet?: true | undefined;
}

/** `pxrun destroy CT…` */
export function addDestroy(root: Root, context: GetContext): void {
  root.command("destroy").alias("rm")
    .summary("remove containers and their disks, running or not")
    .description(
      "Destroy containers with their disks. Name them by VMID or hostname (all digits is always " +
        "a VMID), or select them with --tag, --node, --status and --all-failed.",
    )
    .argument("[containers...]", "VMIDs or hostnames")
    .addOption(tagOption())
    .addOption(nodeOption())
    .addOption(statusOption())
    .option("--all-failed", "select those whose provisioning failed (tag pxrun-failed)")
    .option("--parallel <n>", "number of containers at once (default: 8)", readCount)
    .option("-y, --yes", "do not ask (required without a terminal)")
    .option("--force", "lift the protection of a protected container first")
    .option("--purge", "also remove it from backup jobs, replication and high availability")
    .option("--keep-tailscale-node", "keep its node in the tailnet")
    .option("--dry-run", "only print the plan")
    .option(...QUIET)
    .addHelpText(
      "after",
      examples([
        ["pxrun destroy web-1", "show the plan, ask, destroy"],
        ["pxrun destroy 105 106 --yes", "destroy both without asking"],
        [
          "pxrun destroy --tag dev --status stopped --dry-run",
          "print which ones would be destroyed",
        ],
      ]),
    )
    .action((containers, options) => run({ containers, ...options }, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  const { connectCluster } = await import("../app/cluster.ts");
  const { planDestroyAll } = await import("../../operations/destroy/destroy_all.ts");
  const { FAILED_TAG } = await import("../../cluster/guests/marks.ts");
  const { list } = await import("../../cluster/guests/list.ts");
  const { select } = await import("../../cluster/guests/select.ts");
  const { destroyPlanText } = await import("../../render/destroy.ts");
  const { printData, printText } = await import("../app/output.ts");
  const { errStyle, outStyle } = await import("../app/colors.ts");
  await interruptible(world, "the destroy", async (signal) => {
    await using cluster = await connectCluster(context, { signal, asks: !options.yes });
    const { force, purge, keepTailscaleNode } = options;
    const { containers, node, status, tag = [], allFailed } = options;
    const tags = allFailed ? [...tag, FAILED_TAG] : tag;
    const found = await select(cluster, { containers, node, status, tags }, signal);
    // All are looked at before any is touched.
    const wish = { force, purge, keepTailscaleNode, signal };
    const plans = await planDestroyAll(cluster, found, wish);
    if (options.yes) warn(plans, context);
    const shown = (style: Style): string =>
      plans.map((plan) => destroyPlanText(plan, style)).join("");
    if (options.dryRun) {
      if (format === "table") printText(shown(outStyle(context)), context);
      else await printData({ plans }, context);
      return;
    }
    if (!options.yes) {
      world.terminal.err(shown(errStyle(context)));
      const each = plans.map(({ vmid, hostname }) => hostname ? `${vmid} ${hostname}` : `${vmid}`);
      const question = plans.length === 1
        ? "Destroy it?"
        : `Destroy these ${plans.length}: ${each.join(", ")}?`;
      const names = plans.map(({ vmid, hostname }) => hostname ?? vmid).join(", ");
      await confirmOrCancel(world, question, `destroy ${names}`, false, signal);
    }
    // Afterwards it is not known any more which hostnames were unique.
    const all = options.quiet ? await list(cluster, { signal }) : [];
    const sure = options.yes ? plans : await chooseNodes(plans, context, signal);
    const [plan, ...others] = sure;
    if (plan === undefined || others.length > 0) {
      return await destroySeveral(cluster, sure, { ...options, all }, context, signal);
    }
    await destroyOne(cluster, plan, { ...options, all }, context, signal);
  });
}

/** With --yes no plan is shown: its warnings are printed before it is carried out. */
function warn(plans: readonly DestroyPlan[], { world }: Context): void {
  for (const text of plans.flatMap(({ warnings }) => warnings)) {
    world.terminal.err(`! ${plain(text)}\n`);
  }
}

/** Asks about the nodes of a tailnet, which are nothing of the cluster's. */
async function chooseNodes(
  plans: readonly DestroyPlan[],
  { world }: Context,
  signal: AbortSignal,
): Promise<readonly DestroyPlan[]> {
  const nodes = plans.flatMap(({ tailscale }) => tailscale ?? []);
  if (nodes.length === 0) return plans;
  const names = nodes.map(({ name }) => name).join(", ");
  const question = `Also remove ${names} from the tailnet?`;
  if (await confirmed(world, question, `remove ${names}`, true, signal)) return plans;
  const { withTailnetNode } = await import("../../operations/destroy/plan_destroy.ts");
  return plans.map((plan) => withTailnetNode(plan, undefined));
}

/** How results are printed, and every container that there was before. */
interface Printing extends Options {
  readonly all: readonly Named[];
}

async function destroyOne(
  cluster: Cluster,
  plan: DestroyPlan,
  { quiet, all }: Printing,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { destroyEvents } = await import("../../operations/destroy/destroy.ts");
  const { printData, printHandles } = await import("../app/output.ts");
  const { errStyle } = await import("../app/colors.ts");
  const { showProgress } = await import("../app/progress.ts");
  const { world, format } = context;
  for await (const event of showProgress(destroyEvents(cluster, plan, { signal }), context)) {
    if (event.type !== "destroyed" || context.events) continue;
    const { vmid, hostname } = event.result;
    world.terminal.err(`${errStyle(context).bold(hostname ?? String(vmid))} is gone\n`);
    if (quiet) await printHandles([event.result], all, context);
    else if (format !== "table") await printData({ destroyed: [event.result] }, context);
  }
}

/** Goes on after a failure: the others are to be removed all the same. */
async function destroySeveral(
  cluster: Cluster,
  plans: readonly DestroyPlan[],
  { parallel, quiet, all }: Printing,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { destroyAllEvents } = await import("../../operations/destroy/destroy_all.ts");
  const { batchNames } = await import("../../run/batch.ts");
  const { collectOutcomes } = await import("../app/batch.ts");
  const { printData, printHandles } = await import("../app/output.ts");
  const events = destroyAllEvents(cluster, plans, { parallel, signal });
  const outcomes = await collectOutcomes(
    events,
    { done: "destroyed", names: batchNames(plans) },
    context,
  );
  const destroyed = outcomes.flatMap((one) => "destroyed" in one ? [one.destroyed] : []);
  if (quiet && !context.events) await printHandles(destroyed, all, context);
  if (destroyed.length === plans.length) {
    if (!quiet && context.format !== "table" && !context.events) {
      await printData({ destroyed }, context);
    }
    return;
  }
  const left = outcomes.filter((one) => !("destroyed" in one));
  const first = left.flatMap((one) => "failed" in one ? [one.failed] : [])[0];
  const error = signal.aborted ? new Interrupted("the destroy") : new PxrunError(
    first?.code ?? "FAILED",
    `${left.length} of ${plans.length} are still there: ` +
      left.map(({ container }) => container).join(", "),
    { hint: "what the reason was stands at each of them above" },
  );
  throw Object.assign(error, { destroyed });
}
