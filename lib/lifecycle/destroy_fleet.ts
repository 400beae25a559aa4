import type { Cluster } from "../connect/cluster.ts";
import { destroy } from "./destroy.ts";
import { type DestroyOptions, type DestroyPlan, planDestroy } from "./plan_destroy.ts";
import type { Found } from "./find.ts";
import { type FleetEvent, type FleetLimits, fleetNames, runFleet } from "./fleet.ts";
import { FleetRefused } from "./prepare_fleet.ts";
import { PlanRefused } from "./problem.ts";

/**
 * Looks at several containers, and says how they would be removed.
 *
 * @throws {PxrunError} With every reason of every one that cannot be, at once.
 */
export async function planDestroyAll(
  cluster: Cluster,
  containers: readonly Found[],
  options: DestroyOptions = {},
): Promise<readonly DestroyPlan[]> {
  const looked = await Promise.allSettled(
    containers.map((one) => planDestroy(cluster, one, options)),
  );
  const errors: readonly unknown[] = looked.flatMap((one) =>
    one.status === "rejected" ? [one.reason] : []
  );
  const refused = errors.filter((error) => error instanceof PlanRefused);
  if (refused.length < errors.length) throw errors.find((e) => !(e instanceof PlanRefused));
  if (refused.length > 1) throw new FleetRefused(refused);
  if (refused.length > 0) throw refused[0];
  return looked.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
}

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
