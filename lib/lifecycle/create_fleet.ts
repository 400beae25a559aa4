import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { type Lane, runLanes } from "../core/lanes.ts";
import { create, type CreateOptions } from "./create.ts";
import type { Event } from "./event.ts";
import type { CreatePlan } from "./plan.ts";

/** How many containers are created at once when nobody says. */
export const PARALLEL = 8;
/** How many of them on one node: more only wait for its disks and its locks. */
const PER_NODE = 8;

/** How several creates are to be carried out. */
export interface FleetOptions extends CreateOptions {
  /** How many at once; 8 when absent. */
  readonly parallel?: number | undefined;
  /** Begin no further one after a failure. */
  readonly failFast?: boolean | undefined;
}

/** What happens to one of several containers. */
export type FleetEvent =
  & { readonly container: string }
  & (
    | Event
    /** It could not be created; what that means for it is in the error. */
    | { readonly type: "failed"; readonly error: PxrunError; readonly at: number }
    /** It was not begun, since another had failed or the run was interrupted. */
    | { readonly type: "skipped"; readonly at: number }
  );

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
export async function* createAll(
  cluster: Cluster,
  plans: readonly CreatePlan[],
  options: FleetOptions = {},
): AsyncGenerator<FleetEvent, void> {
  const { parallel = PARALLEL, failFast = false, signal } = options;
  const { clock } = cluster.world;
  const begun = new Set<CreatePlan>();
  let failed = false;
  const lane = (plan: CreatePlan): Lane<FleetEvent> => ({
    key: plan.placement.node,
    async *run() {
      const container = plan.recipe.container.hostname;
      begun.add(plan);
      try {
        for await (const event of create(cluster, plan, options)) yield { container, ...event };
      } catch (error) {
        // A fault of pxrun itself ends everything.
        if (!(error instanceof PxrunError)) throw error;
        failed = true;
        yield { container, type: "failed", error, at: clock.now() };
      }
    },
  });
  yield* runLanes(plans.map(lane), {
    all: parallel,
    perKey: PER_NODE,
    stop: () => signal?.aborted === true || failFast && failed,
  });
  for (const plan of plans) {
    if (begun.has(plan)) continue;
    yield { container: plan.recipe.container.hostname, type: "skipped", at: clock.now() };
  }
}
