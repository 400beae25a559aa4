import type { Cluster } from "../../cluster/cluster.ts";
import type { Operation } from "../../core/operation.ts";
import { destroyEvents } from "./destroy.ts";
import { type DestroyOptions, type DestroyPlan, planDestroy } from "./plan_destroy.ts";
import type { Found } from "../../cluster/guests/find.ts";
import {
  type BatchEvent,
  type BatchLimits,
  batchNames,
  runBatch,
  startBatch,
} from "../../run/batch.ts";
import { BatchRejected } from "../create/plan_all.ts";
import { PlanRejected } from "../../plan/problem.ts";
import type { Destroyed } from "../../run/result.ts";

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
  const refused = errors.filter((error) => error instanceof PlanRejected);
  if (refused.length < errors.length) throw errors.find((e) => !(e instanceof PlanRejected));
  if (refused.length > 1) throw new BatchRejected(refused);
  if (refused.length > 0) throw refused[0];
  return looked.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
}

/**
 * Starts to carry out several plans side by side. One that fails leaves the others alone.
 *
 * @param cluster The cluster.
 * @param plans The plans, as `planDestroy` made them.
 * @param options How many at once, and what ends them.
 * @returns The running destroys: await them for the results in the order of the plans, or iterate
 * over their events; the last event of each container is its outcome.
 * @throws {BatchFailed} With the outcome of each, when not all of them succeeded.
 *
 * @example Nothing to do
 * ```ts
 * import { connect, denoPlatform, destroyAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * assert.deepEqual(await destroyAll(cluster, []), []);
 * ```
 *
 * @category Changes
 */
export function destroyAll(
  cluster: Cluster,
  plans: readonly DestroyPlan[],
  options: BatchLimits = {},
): Operation<readonly Destroyed[], BatchEvent> {
  return startBatch(
    batchNames(plans),
    (signal) => destroyAllEvents(cluster, plans, { ...options, signal }),
    (event) => event.type === "destroyed" ? event.result : undefined,
    { what: "the destroy", signal: options.signal },
  );
}

/** The events of several destroys, which run as they are taken. */
export function destroyAllEvents(
  cluster: Cluster,
  plans: readonly DestroyPlan[],
  options: BatchLimits = {},
): AsyncGenerator<BatchEvent, void, undefined> {
  const run = (plan: DestroyPlan) => destroyEvents(cluster, plan, options);
  return runBatch(cluster.platform.clock, plans, run, options);
}
