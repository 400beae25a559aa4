import type { Cluster } from "../../../cluster/cluster.ts";
import { Interrupted, PxrunError } from "../../../core/errors.ts";
import {
  createAllEvents,
  type CreateAllOptions,
  createNames,
} from "../../../operations/create/create_all.ts";
import { planAll } from "../../../operations/create/plan_all.ts";
import type { PrepareOptions } from "../../../operations/create/prepare.ts";
import type { Recipe } from "../../../recipe/schema/types.ts";
import { batchData, type BatchOutcome, batchPlanText } from "../../../render/batch.ts";
import type { CreatePlan } from "../../../plan/create_plan.ts";
import { planData, planText } from "../../../render/plan.ts";
import type { Style } from "../../../render/style.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { printCreated, printData, printText } from "../../app/output.ts";
import { errStyle, outStyle } from "../../app/colors.ts";
import { collectOutcomes } from "../../app/batch.ts";

/** How several containers are to be created. */
export interface SeveralCreate extends PrepareOptions, CreateAllOptions {
  readonly dryRun?: true | undefined;
  /** Only hostnames as the result. */
  readonly quiet?: true | undefined;
  /** Whether to ask before anything is done. */
  readonly asks: boolean;
  /** Whether Esc at that question goes back to those before it. */
  readonly back: boolean;
  readonly signal: AbortSignal;
}

/**
 * Creates several containers side by side, after one plan for all.
 *
 * @throws {PxrunError} When not all of them could be created.
 */
export async function createSeveral(
  cluster: Cluster,
  recipes: readonly Recipe[],
  context: Context,
  options: SeveralCreate,
): Promise<void> {
  const { world, format } = context;
  const { signal } = options;
  const plans = await planAll(cluster, recipes, options);
  if (options.dryRun) {
    if (format === "table") printText(plansText(plans, true, outStyle(context), context), context);
    else await printData({ plans: plans.map(planData) }, context);
    return;
  }
  const shown = plansText(plans, context.verbose, errStyle(context), context);
  world.terminal.err(`${shown}\n`);
  const question = `Create these ${plans.length}?`;
  if (options.asks) {
    await confirmOrCancel(world, question, "create them", true, signal, options.back);
  }
  const events = createAllEvents(cluster, plans, options);
  const outcomes = await collectOutcomes(
    events,
    { done: "created", names: createNames(plans) },
    context,
  );
  if (options.quiet && !context.events) {
    const created = outcomes.flatMap((one) => "created" in one ? [one.created] : []);
    await printCreated(cluster, created, context, signal);
  }
  failUnlessAll(outcomes, signal);
  if (!options.quiet && format !== "table" && !context.events) {
    await printData({ containers: batchData(outcomes) }, context);
  }
}

/** All plans in a table, and with `whole` each of them below it with every call. */
function plansText(
  plans: readonly CreatePlan[],
  whole: boolean,
  style: Style,
  { world }: Context,
): string {
  const each = whole ? plans.map((plan) => planText(plan, style, world.terminal.columns())) : [];
  return [batchPlanText(plans, style), ...each].join("\n");
}

function failUnlessAll(outcomes: readonly BatchOutcome[], signal: AbortSignal): void {
  const missing = outcomes.filter((outcome) => !("created" in outcome));
  if (missing.length === 0) return;
  if (signal.aborted) {
    throw Object.assign(new Interrupted("the create"), { containers: batchData(outcomes) });
  }
  const names = missing.map(({ container }) => container).join(", ");
  const error = new PxrunError(
    "FAILED",
    `${missing.length} of ${outcomes.length} did not succeed: ${names}`,
    { hint: "the reason, and what is kept, stands at each of them above" },
  );
  throw Object.assign(error, { containers: batchData(outcomes) });
}
