import type { Cluster } from "../connect/cluster.ts";
import { Interrupted, PxrunError } from "../core/errors.ts";
import { createAllEvents, createNames, type FleetOptions } from "../lifecycle/create_fleet.ts";
import { planAll } from "../lifecycle/prepare_fleet.ts";
import type { PrepareOptions } from "../lifecycle/prepare.ts";
import type { Recipe } from "../recipe/types.ts";
import { fleetData, type FleetOutcome, fleetPlanText } from "../render/fleet.ts";
import { planData } from "../render/plan.ts";
import { confirmed, type Context } from "./context.ts";
import { errStyle, outStyle, printData } from "./output.ts";
import { collectOutcomes } from "./fleet.ts";

/** How several containers are to be created. */
export interface FleetCreate extends PrepareOptions, FleetOptions {
  readonly dryRun?: true | undefined;
  /** Whether to ask before anything is done. */
  readonly asks: boolean;
  readonly signal: AbortSignal;
}

/**
 * Creates several containers side by side, after one plan for all.
 *
 * @throws {PxrunError} When not all of them could be created.
 */
export async function createFleet(
  cluster: Cluster,
  recipes: readonly Recipe[],
  context: Context,
  options: FleetCreate,
): Promise<void> {
  const { world, format } = context;
  const { signal } = options;
  const plans = await planAll(cluster, recipes, options);
  if (options.dryRun) {
    if (format === "table") world.terminal.out(fleetPlanText(plans, outStyle(context)));
    else await printData({ plans: plans.map(planData) }, context);
    return;
  }
  world.terminal.err(`${fleetPlanText(plans, errStyle(context))}\n`);
  const question = `Create these ${plans.length}?`;
  if (options.asks && !await confirmed(world, question, "create them", true, signal)) {
    world.terminal.err("nothing was done\n");
    return;
  }
  const events = createAllEvents(cluster, plans, options);
  const outcomes = await collectOutcomes(
    events,
    { done: "created", names: createNames(plans) },
    context,
  );
  failUnlessAll(outcomes, signal);
  if (format !== "table" && !context.events) {
    await printData({ containers: fleetData(outcomes) }, context);
  }
}

function failUnlessAll(outcomes: readonly FleetOutcome[], signal: AbortSignal): void {
  const missing = outcomes.filter((outcome) => !("created" in outcome));
  if (missing.length === 0) return;
  if (signal.aborted) throw new Interrupted("the create");
  const names = missing.map(({ container }) => container).join(", ");
  const error = new PxrunError(
    "FAILED",
    `${missing.length} of ${outcomes.length} did not succeed: ${names}`,
    { hint: "the reason, and what is kept, stands at each of them above" },
  );
  throw Object.assign(error, { containers: fleetData(outcomes) });
}
