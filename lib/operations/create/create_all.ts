import type { Cluster } from "../../cluster/cluster.ts";
import type { Operation } from "../../core/operation.ts";
import { createEvents } from "./create.ts";
import type { CreateOptions } from "./create_options.ts";
import {
  type BatchEvent,
  type BatchLimits,
  batchNames,
  runBatch,
  startBatch,
} from "../../run/batch.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";
import type { Created } from "../../run/result.ts";

/**
 * Options for several creates.
 *
 * @category Changes
 */
export interface CreateAllOptions extends Omit<CreateOptions, "recipe">, BatchLimits {
  /** The recipes that the plans were made from, in the same order. */
  readonly recipes?: readonly Recipe[] | undefined;
  /** Ends it; what was made by those under way is then taken back. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts to carry out several plans side by side. One that fails leaves the others alone.
 *
 * @param cluster The cluster.
 * @param plans The plans, as `planAll` made them.
 * @param options The recipes, where the plans provision; how many at once; the signal that ends them.
 * @returns The running creates: await them for the containers in the order of the plans, or
 * iterate over their events; the last event of each container is its outcome.
 * @throws {BatchFailed} With the outcome of each, when not all of them succeeded.
 *
 * @example Two at once
 * ```ts
 * import { connect, createAll, denoPlatform, parseRecipe, planAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * const recipes = ["a", "b"].map((name) =>
 *   parseRecipe(`container: { hostname: ${name}, template: debian-13 }`, { file: name, env: {} })
 * );
 * const made = await createAll(cluster, await planAll(cluster, recipes));
 * assert.deepEqual(made.map(({ hostname }) => hostname), ["a", "b"]);
 * ```
 *
 * @category Changes
 */
export function createAll(
  cluster: Cluster,
  plans: readonly CreatePlan[],
  options: CreateAllOptions = {},
): Operation<readonly Created[], BatchEvent> {
  return startBatch(
    batchNames(plans),
    (signal) => createAllEvents(cluster, plans, { ...options, signal }),
    (event) => event.type === "created" ? event.result : undefined,
    { what: "the create", signal: options.signal },
  );
}

/** The events of several creates, which run as they are taken. */
export function createAllEvents(
  cluster: Cluster,
  plans: readonly CreatePlan[],
  options: CreateAllOptions = {},
): AsyncGenerator<BatchEvent, void, undefined> {
  const items = plans.map((plan, index) => {
    const { vmid, hostname, placement: { node } } = plan;
    return { vmid, hostname, node, run: { plan, recipe: options.recipes?.[index] } };
  });
  return runBatch(
    cluster.platform.clock,
    items,
    ({ run: { plan, recipe } }) => createEvents(cluster, plan, { ...options, recipe }),
    options,
  );
}
