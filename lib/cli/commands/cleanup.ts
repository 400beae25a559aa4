import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import type { LeftContainer, LeftContainers } from "../../operations/cleanup/left_containers.ts";
import type { LeftToken } from "../../operations/cleanup/left_tokens.ts";
import type { BatchOutcome } from "../../render/batch.ts";
import { confirmOrCancel, type Context, interruptible } from "../app/context.ts";

interface Options {
  readonly all?: true | undefined;
  readonly yes?: true | undefined;
  readonly dryRun?: true | undefined;
}

/** `pxrun cleanup` */
export function addCleanup(root: Root, context: GetContext): void {
  root.command("cleanup")
    .summary("remove leftovers of runs that were cut off")
    .description(
      "Remove what killed runs have left: containers whose create was not finished " +
        "(tag pxrun-creating), and API tokens of logins by SSH alone. Only those whose run has " +
        "ended on this machine, or started too long ago on another one, and expired tokens.",
    )
    .option("--all", "also tokens that a run on another machine may be using")
    .option("-y, --yes", "do not ask (required without a terminal)")
    .option("--dry-run", "only print the leftovers")
    .addHelpText(
      "after",
      examples([
        ["pxrun cleanup --dry-run", "print the leftovers"],
        ["pxrun cleanup --yes", "remove them without asking"],
      ]),
    )
    .action((options) => run(options, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  const { connectCluster } = await import("../app/cluster.ts");
  const { leftContainers } = await import("../../operations/cleanup/left_containers.ts");
  const { removeTokens } = await import("../../operations/cleanup/left_tokens.ts");
  const { leftText } = await import("../../render/left.ts");
  const { printData, printText } = await import("../app/output.ts");
  const { errStyle, outStyle } = await import("../app/colors.ts");
  await interruptible(world, "the cleanup", async (signal) => {
    await using cluster = await connectCluster(context, { signal, asks: !options.yes });
    const [containers, tokens] = await Promise.all([
      leftContainers(cluster, signal),
      visibleTokens(cluster, context, signal),
    ]);
    const { unfinished, failed, unseen } = containers;
    if (options.dryRun) {
      if (format !== "table") await printData({ unfinished, failed, unseen, tokens }, context);
      else printText(leftText(containers, tokens, outStyle(context)), context);
      return assertAllSeen(containers);
    }
    world.terminal.err(leftText(containers, tokens, errStyle(context)));
    const over = unfinished.filter(({ state }) => state === "over");
    const chosen = tokens.filter(({ over }) => over || options.all);
    tellKept(
      context,
      unfinished.filter(({ state, remedy }) =>
        (state === "live" || state === "unknown") && remedy === undefined
      ),
      tokens.length - chosen.length,
    );
    const what = [
      ...counted(over.length, "container"),
      ...counted(chosen.length, "token"),
    ].join(" and ");
    if (what === "") {
      if (unfinished.length + tokens.length > 0) world.terminal.err("nothing was done\n");
      if (format !== "table") await printData({ removed: { containers: [], tokens: [] } }, context);
      return assertAllSeen(containers);
    }
    if (!options.yes) {
      await confirmOrCancel(world, `Remove ${what}?`, `remove ${what}`, false, signal);
    }
    if (chosen.length > 0) {
      await removeTokens(cluster, chosen, signal);
      world.terminal.err(`${counted(chosen.length, "token").join("")} removed\n`);
    }
    const destroyed = await removeContainers(cluster, over, context, signal);
    if (format !== "table" && !context.events) {
      await printData({ removed: { containers: destroyed, tokens: chosen } }, context);
    }
    assertAllSeen(containers);
  });
}

/**
 * What cannot be looked at may be left.
 *
 * @throws {PxrunError} When there is anything of that kind.
 */
function assertAllSeen({ unfinished, unseen }: LeftContainers): void {
  const names = unfinished.filter(({ state }) => state === "unseen").map(({ vmid }) => `${vmid}`);
  const count = names.length + unseen.length;
  if (count === 0) return;
  const what = names.length === 0 ? "" : `: containers ${names.join(" ")}`;
  throw new PxrunError("FAILED", `not everything could be looked at${what}`, {
    hint: "the reasons are above; run pxrun cleanup again when the nodes answer",
  });
}

/** Who logs in with a token of his own mostly has left none of root's, and may not look. */
async function visibleTokens(
  cluster: Cluster,
  { world }: Context,
  signal: AbortSignal,
): Promise<LeftToken[]> {
  const { leftTokens } = await import("../../operations/cleanup/left_tokens.ts");
  return await leftTokens(cluster, signal).catch((error) => {
    if (!(error instanceof PxrunError) || error.code !== "PERMISSION_DENIED") throw error;
    world.terminal.err(`no look at tokens: ${error.message}; ${error.hint}\n`);
    return [];
  });
}

function tellKept(
  { world }: Context,
  containers: readonly LeftContainer[],
  tokens: number,
): void {
  if (containers.length > 0) {
    const vmids = containers.map(({ vmid }) => vmid).join(" ");
    world.terminal.err(
      `${counted(containers.length, "container").join("")} may still be worked on; ` +
        `if you know better: pxrun destroy ${vmids}\n`,
    );
  }
  if (tokens > 0) {
    world.terminal.err(
      `${counted(tokens, "token").join("")} may be in use; --all removes such too\n`,
    );
  }
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}${count === 1 ? "" : "s"}`];
}

/**
 * Removes all of them, and goes on after a failure.
 *
 * @throws {PxrunError} When one is still there.
 */
async function removeContainers(
  cluster: Cluster,
  containers: readonly LeftContainer[],
  context: Context,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  if (containers.length === 0) return [];
  const { removeLeft } = await import("../../operations/cleanup/left_containers.ts");
  const { batchNames } = await import("../../run/batch.ts");
  const { collectOutcomes } = await import("../app/batch.ts");
  const events = removeLeft(cluster, containers, { signal });
  const outcomes = await collectOutcomes(events, {
    done: "destroyed",
    names: batchNames(containers),
  }, context);
  const left = outcomes.filter((one: BatchOutcome) => !("destroyed" in one));
  const destroyed = outcomes.flatMap((one) => "destroyed" in one ? [one.destroyed] : []);
  if (left.length === 0) return destroyed;
  const names = left.map(({ container }) => container).join(", ");
  const error = signal.aborted
    ? new Interrupted("the cleanup")
    : new PxrunError("FAILED", `${left.length} of ${outcomes.length} are still there: ${names}`, {
      hint: "what the reason was stands at each of them above",
    });
  throw Object.assign(error, { removed: { containers: destroyed } });
}
