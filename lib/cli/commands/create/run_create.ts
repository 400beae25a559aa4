import type { Cluster } from "../../../cluster/cluster.ts";
import { openContext } from "../../../config/open_context.ts";
import { recipeDefaults } from "../../../config/resolve.ts";
import { PxrunError } from "../../../core/errors.ts";
import { plain } from "../../../core/plain.ts";
import { createAllEvents } from "../../../operations/create/create_all.ts";
import { planAll } from "../../../operations/create/plan_all.ts";
import type { CreatePlan } from "../../../plan/create_plan.ts";
import { PlanRejected } from "../../../plan/problem.ts";
import type { Recipe } from "../../../recipe/mod.ts";
import { batchPlanText } from "../../../render/batch.ts";
import { planData, planSummary, planText } from "../../../render/plan.ts";
import { createdText } from "../../../render/result.ts";
import type { Style } from "../../../render/style.ts";
import { carryOut } from "../../app/batch.ts";
import { connectCluster } from "../../app/cluster.ts";
import { errStyle } from "../../app/colors.ts";
import { confirmed, confirmOrCancel, type Context, interruptible } from "../../app/context.ts";
import { folded, print, printCreated } from "../../app/output.ts";
import { WentBack } from "../../prompts/prompt.ts";
import { type CreateFlags, draftRecipe } from "./draft.ts";
import { refuseUnwritable, saveRecipe } from "./save_recipe.ts";

/** The flags, and what follows from them. */
interface Creation extends CreateFlags {
  /** True if they count as several, also where there is one of them. */
  readonly several: boolean;
  /** True if the user was asked for the recipe: Esc then goes back to those questions. */
  readonly asked: boolean;
  readonly signal: AbortSignal;
  /** Ends the undo, too. */
  readonly leave: AbortSignal;
}

/** Reads the recipes or asks for one, and creates what they describe. */
export async function runCreate(flags: CreateFlags, context: Context): Promise<void> {
  const { platform } = context;
  const { recipes: files, count, save, yes } = flags;
  const several = files.length > 1 || count !== undefined;
  if (save !== undefined) await checkSave(save, several, context);
  await interruptible(platform, "the create", async (signal, leave) => {
    const warn = (line: string): void => platform.terminal.err(`${plain(line)}\n`);
    // A recipe is read before anything is sent anywhere.
    const opened = await openContext(platform, context.choice, signal, warn);
    const draft = await draftRecipe(platform, {
      ...flags,
      defaults: recipeDefaults(opened),
      signal,
    });
    await using cluster = await connectCluster(context, { signal, asks: !yes, opened });
    const creation = { ...flags, several, asked: draft.asked, signal, leave };
    for (let done = false; !done;) {
      // What a plan has claimed that was not confirmed is free again.
      const offered = new Set(cluster.offered);
      try {
        await createContainers(cluster, await draft.complete(cluster, signal), context, creation);
        done = true;
      } catch (error) {
        if (!(error instanceof WentBack)) throw error;
        for (const vmid of cluster.offered) if (!offered.has(vmid)) cluster.offered.delete(vmid);
      }
    }
  }, true);
}

/** Refuses a file to save to before the user has answered anything. */
async function checkSave(file: string, several: boolean, { platform }: Context): Promise<void> {
  if (!several) return await refuseUnwritable(platform, file, false);
  throw new PxrunError("USAGE", "--save writes one recipe, and this creates several containers", {
    hint: "leave it out, or create one container",
  });
}

/**
 * Plans all containers, shows the plan, asks, creates them side by side, and prints the
 * results.
 *
 * @throws {BatchFailed} When not all of several could be created.
 */
async function createContainers(
  cluster: Cluster,
  recipes: readonly Recipe[],
  context: Context,
  options: Creation,
): Promise<void> {
  const { platform } = context;
  const { several, asked, quiet, save, signal } = options;
  const plans = await planOrOffer(cluster, recipes, context, options);
  const shown = (style: Style, verbose: boolean): string =>
    plansText(plans, several, verbose, style, platform.terminal.columns());
  if (options.dryRun) {
    const data = plans.map(planData);
    return await print(context, {
      table: folded((style) => shown(style, true)),
      data: several ? { plans: data } : data[0],
    });
  }
  platform.terminal.err(`${shown(errStyle(context), context.verbose)}\n`);
  if (!options.yes && (asked || platform.terminal.interactive)) {
    const [question, what] = several
      ? [`Create these ${plans.length}?`, "create them"]
      : ["Create it?", "create it"];
    await confirmOrCancel(platform, question, what, true, signal, asked);
  }
  const [recipe] = recipes;
  if (save !== undefined && recipe !== undefined) await saveRecipe(platform, save, recipe);
  const created = await carryOut(createAllEvents(cluster, plans, { ...options, recipes }), {
    what: "the create",
    done: "created",
    containers: plans,
    several,
    signal,
    resultOf: (event) => event.type === "created" ? event.result : undefined,
    onResults: async (created) => {
      if (quiet && !context.events) await printCreated(cluster, created, context, signal);
    },
  }, context);
  if (quiet || context.events) return;
  const [first] = created;
  await print(context, {
    table: several || first === undefined ? undefined : (style) => createdText(first, style),
    data: several ? { containers: created } : first,
  });
}

/** Plans them; where nothing but directories of the node is missing, they can be made after a yes. */
async function planOrOffer(
  cluster: Cluster,
  recipes: readonly Recipe[],
  { platform }: Context,
  options: Creation,
): Promise<readonly CreatePlan[]> {
  try {
    return await planAll(cluster, recipes, options);
  } catch (error) {
    const { several, yes, dryRun, signal } = options;
    if (several || yes || dryRun || !platform.terminal.interactive) throw error;
    if (!(error instanceof PlanRejected)) throw error;
    if (!error.problems.every(({ offer }) => offer === "makeDirectories")) throw error;
    platform.terminal.err(error.problems.map(({ message }) => `${message}\n`).join(""));
    const what = error.problems.length === 1 ? "Make it?" : "Make them?";
    const made = "make the directories of the node";
    if (!await confirmed(platform, what, made, true, signal)) throw error;
    return await planAll(cluster, recipes, { ...options, makeDirectories: true });
  }
}

/** Several plans in a table, and with `whole` each of them below it with every call. */
function plansText(
  plans: readonly CreatePlan[],
  several: boolean,
  whole: boolean,
  style: Style,
  columns: number,
): string {
  const textOf = whole ? planText : planSummary;
  const each = whole || !several ? plans.map((plan) => textOf(plan, style, columns)) : [];
  return [...several ? [batchPlanText(plans, style)] : [], ...each].join("\n");
}
