import type { Cluster } from "../connect/cluster.ts";
import { afterStart } from "./create/after_start.ts";
import { beforeStart } from "./create/before_start.ts";
import { conclude } from "./create/conclude.ts";
import type { Creating } from "./create/creating.ts";
import { lookAhead } from "./create/look_ahead.ts";
import { start } from "./create/start.ts";
import { takeBack } from "./create/take_back.ts";
import type { Event } from "./event.ts";
import type { CreatePlan } from "./plan.ts";
import { joinKey } from "./tailnet/join_key.ts";
import { createUndo } from "./undo.ts";

/** How a create is to be carried out. */
export interface CreateOptions {
  /** Ends it; what was made is then taken back. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the taking back, too: what is left is told, with what to type to be rid of it. */
  readonly leave?: AbortSignal | undefined;
  /**
   * Whether a container that runs already is kept when something goes wrong. Absent:
   * kept when a step inside it fails, removed when the run is interrupted.
   */
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/**
 * Carries out a plan. The last event is `created`; else nothing is left behind, unless a
 * step inside the container failed and it is kept (see {@linkcode CreateOptions}).
 *
 * @param cluster Where.
 * @param plan What, as `plan` made it.
 * @param options The signal that ends it, and what happens to a container that failed.
 * @returns What happens, as it happens.
 * @throws {PxrunError} Why it could not be finished, after cleaning up.
 *
 * @example Create a container and print its progress
 * ```ts
 * import { connect, create, denoWorld, parseRecipe, plan } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * const titles: string[] = [];
 * for await (const event of create(cluster, await plan(cluster, recipe))) {
 *   if (event.type === "step-done") titles.push(event.title);
 * }
 * assert.deepEqual(titles, ["create container", "start", "wait for an address"]);
 * ```
 */
export async function* create(
  cluster: Cluster,
  plan: CreatePlan,
  options: CreateOptions = {},
): AsyncGenerator<Event, void> {
  const undo = createUndo();
  const { signal, leave } = options;
  const { clock } = cluster.world;
  const key = joinKey(cluster, plan.recipe);
  const creating = { cluster, plan, undo, key, durations: {}, signal };
  try {
    for await (const event of carryOut(creating, options)) {
      // Only what is temporary is left to take back then, and `created` comes last.
      if (event.type === "created") yield* takeBack(clock, undo, leave);
      yield event;
    }
  } catch (error) {
    yield* takeBack(clock, undo, leave);
    throw error;
  } finally {
    // Somebody who stopped listening wants the same as somebody who pressed Ctrl-C.
    for await (const _ of takeBack(clock, undo, leave));
  }
}

async function* carryOut(
  creating: Creating,
  options: CreateOptions,
): AsyncGenerator<Event, void> {
  const { cluster, plan, undo } = creating;
  const since = cluster.world.clock.now();
  const made = yield* beforeStart(creating);
  const { vmid } = made;
  if (plan.start) yield* start(creating, made);
  const ahead = lookAhead(creating, vmid);
  const settled = plan.start ? yield* afterStart(creating, vmid, options) : { addresses: [] };
  undo.forget();
  yield* conclude(creating, { ...settled, vmid, ahead, since }, options.leave);
}
