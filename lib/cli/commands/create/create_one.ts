import type { Cluster } from "../../../cluster/cluster.ts";
import { createEvents } from "../../../operations/create/create.ts";
import { plan, type PrepareOptions } from "../../../operations/create/prepare.ts";
import { PlanRefused } from "../../../plan/problem.ts";
import type { Recipe } from "../../../recipe/mod.ts";
import { planData, planSummary, planText } from "../../../render/plan.ts";
import { createdText } from "../../../render/result.ts";
import { confirmed, confirmOrCancel, type Context } from "../../app/context.ts";
import { printCreated, printData, printText } from "../../app/output.ts";
import { errStyle, outStyle } from "../../app/colors.ts";
import { showProgress } from "../../app/progress.ts";

/** How one container is to be created. */
export interface OneCreate extends PrepareOptions {
  readonly dryRun?: true | undefined;
  /** Only its hostname as the result. */
  readonly quiet?: true | undefined;
  /** Whether to ask before anything is done. */
  readonly asks: boolean;
  /** Whether Esc at that question goes back to those before it. */
  readonly back: boolean;
  readonly yes?: true | undefined;
  /** Where to write the recipe that was used. */
  readonly save?: string | undefined;
  readonly onFailure?: "keep" | "destroy" | undefined;
  readonly signal: AbortSignal;
  readonly leave: AbortSignal;
}

/** Plans one container, shows the plan, asks, and creates it. */
export async function createOne(
  cluster: Cluster,
  recipe: Recipe,
  context: Context,
  options: OneCreate,
): Promise<void> {
  const { world, format } = context;
  const { terminal } = world;
  const { asks, back, onFailure, save, signal, leave } = options;
  const planned = await plan(cluster, recipe, options).catch(async (error) => {
    if (options.yes || options.dryRun || !await takesOffer(error, context, signal)) throw error;
    return await plan(cluster, recipe, { ...options, makeFolders: true });
  });
  if (options.dryRun) {
    if (format !== "table") return await printData(planData(planned), context);
    return printText(planText(planned, outStyle(context), terminal.columns()), context);
  }
  const shown = context.verbose ? planText : planSummary;
  terminal.err(`${shown(planned, errStyle(context), terminal.columns())}\n`);
  if (asks) await confirmOrCancel(world, "Create it?", "create it", true, signal, back);
  if (save !== undefined) {
    const { saveRecipe } = await import("./save_recipe.ts");
    await saveRecipe(world, save, recipe);
  }
  const events = createEvents(cluster, planned, { signal, leave, onFailure });
  for await (const event of showProgress(events, context)) {
    if (event.type !== "created" || context.events) continue;
    if (options.quiet) await printCreated(cluster, [event.result], context, signal);
    else if (format === "table") terminal.out(createdText(event.result, outStyle(context)));
    else await printData(event.result, context);
  }
}

/** Where nothing but directories is missing, they can be made after a yes. */
async function takesOffer(
  error: unknown,
  { world }: Context,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(error instanceof PlanRefused) || !world.terminal.interactive) return false;
  if (!error.problems.every(({ offer }) => offer === "makeFolders")) return false;
  world.terminal.err(error.problems.map(({ message }) => `${message}\n`).join(""));
  const what = error.problems.length === 1 ? "Make it?" : "Make them?";
  return await confirmed(world, what, "make the directories of the node", true, signal);
}
