import type { Cluster } from "../connect/cluster.ts";
import { destroy, type DestroyPlan } from "./destroy.ts";
import { type FleetEvent, type FleetLimits, fleetNames, runFleet } from "./fleet.ts";

/**
 * Carries out several plans side by side. One that fails is told and leaves the others alone.
 *
 * @param cluster Where.
 * @param plans What, as `planDestroy` made them.
 * @param options How many at once, and what ends them.
 * @returns What happens; the last event of each container says what came of it.
 *
 * @example Nothing to do
 * ```ts
 * import { connect, denoWorld, destroyAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * for await (const event of destroyAll(cluster, [])) assert.fail(event.type);
 * ```
 */
export function destroyAll(
  cluster: Cluster,
  plans: readonly DestroyPlan[],
  options: FleetLimits = {},
): AsyncGenerator<FleetEvent, void> {
  const names = fleetNames(plans);
  const jobs = plans.map((plan, index) => ({
    container: names[index] ?? "",
    node: plan.node,
    run: () => destroy(cluster, plan, options),
  }));
  return runFleet(cluster.world.clock, jobs, options);
}
