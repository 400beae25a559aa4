import type { Cluster } from "../../../cluster/cluster.ts";
import type { CreateAllOptions } from "../../../operations/create/create_all.ts";
import { createAllEvents } from "../../../operations/create/create_all.ts";
import { planAll } from "../../../operations/create/plan_all.ts";
import type { PrepareOptions } from "../../../operations/create/prepare.ts";
import type { CreatePlan } from "../../../plan/create_plan.ts";
import { PlanRejected } from "../../../plan/problem.ts";
import type { Recipe } from "../../../recipe/mod.ts";
import { batchPlanText } from "../../../render/batch.ts";
import { planData, planSummary, planText } from "../../../render/plan.ts";
import { createdText } from "../../../render/result.ts";
import type { Style } from "../../../render/style.ts";
import { BatchFailed, batchNames, resultsOf } from "../../../run/batch.ts";
import { carryOut } from "../../app/batch.ts";
import { errStyle } from "../../app/colors.ts";
import { confirmed, confirmOrCancel, type Context } from "../../app/context.ts";
import { folded, print, printCreated } from "../../app/output.ts";
import { saveRecipe } from "./save_recipe.ts";

/** How containers are to be created. */
export interface CreateContainers extends PrepareOptions, Omit<CreateAllOptions, "recipes"> {
  /** Whether they count as several, also where there is one of them. */
  readonly several: boolean;
  readonly dryRun?: true | undefined;
  /** Only hostnames as the result. */
  readonly quiet?: true | undefined;
  /** Whether to ask before anything is done. */
  readonly asks: boolean;
  /** Whether Esc at that question goes back to those before it. */
  readonly back: boolean;
  readonly yes?: true | undefined;
  /** Where to write the recipe that was used. */
  readonly save?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Plans all containers, shows the plan, asks, creates them side by side, and prints what came of
 * it.
 *
 * @throws {BatchFailed} When not all of several could be created.
 */
export async function createContainers(
  cluster: Cluster,
  recipes: readonly Recipe[],
  context: Context,
  options: CreateContainers,
): Promise<void> {
  const { platform } = context;
  const { several, asks, back, quiet, save, signal } = options;
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
  if (asks) {
    const [question, what] = several
      ? [`Create these ${plans.length}?`, "create them"]
      : ["Create it?", "create it"];
    await confirmOrCancel(platform, question, what, true, signal, back);
  }
  const [recipe] = recipes;
  if (save !== undefined && recipe !== undefined) await saveRecipe(platform, save, recipe);
  const outcomes = await carryOut(createAllEvents(cluster, plans, { ...options, recipes }), {
    what: "the create",
    done: "created",
    names: batchNames(plans),
    several,
    resultOf: (event) => event.type === "created" ? event.result : undefined,
  }, context);
  const created = resultsOf(outcomes);
  if (quiet && !context.events) await printCreated(cluster, created, context, signal);
  if (created.length < plans.length) {
    throw new BatchFailed(outcomes, signal.aborted ? "the create" : undefined);
  }
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
  options: CreateContainers,
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
