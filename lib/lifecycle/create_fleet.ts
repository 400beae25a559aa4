import type { Cluster } from "../connect/cluster.ts";
import { create, type CreateOptions } from "./create.ts";
import { type FleetEvent, type FleetLimits, runFleet } from "./fleet.ts";
import type { CreatePlan } from "./plan.ts";

/** How several creates are to be carried out. */
export interface FleetOptions extends CreateOptions, FleetLimits {
  /** Ends it; what was made by those under way is then taken back. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries out several plans side by side. One that fails is told and leaves the others alone.
 *
 * @param cluster Where.
 * @param plans What, as `planAll` made them.
 * @param options How many at once, and what ends them.
 * @returns What happens, as it happens; the last event of each container says what came of it.
 *
 * @example Two at once
 * ```ts
 * import { connect, createAll, denoWorld, parseRecipe, planAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * const recipes = ["a", "b"].map((name) =>
 *   parseRecipe(`container: { hostname: ${name}, template: debian-13 }`, { file: name, env: {} })
 * );
 * const made: string[] = [];
 * for await (const event of createAll(cluster, await planAll(cluster, recipes))) {
 *   if (event.type === "created") made.push(event.container);
 * }
 * assert.deepEqual(made.toSorted(), ["a", "b"]);
 * ```
 */
export function createAll(
  cluster: Cluster,
  plans: readonly CreatePlan[],
  options: FleetOptions = {},
): AsyncGenerator<FleetEvent, void> {
  const jobs = plans.map((plan) => ({
    container: plan.recipe.container.hostname,
    node: plan.placement.node,
    run: () => create(cluster, plan, options),
  }));
  return runFleet(cluster.world.clock, jobs, options);
}
