import type { Cluster } from "../../cluster/cluster.ts";
import { type Operation, startOperation } from "../../core/operation.ts";
import { afterStart } from "./after_start.ts";
import { beforeStart } from "./before_start.ts";
import { conclude } from "./conclude.ts";
import type { CreateOptions, Creating } from "./creating.ts";
import { lookAhead } from "./look_ahead.ts";
import { protect } from "./protect.ts";
import { start } from "./start.ts";
import { takeBack } from "./take_back.ts";
import type { Event } from "../../run/event.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";
import type { Created } from "../../run/result.ts";
import { joinKey } from "../tailnet/join_key.ts";
import { createUndo } from "../../run/undo.ts";

/**
 * Starts to carry out a plan. If it fails or is cancelled nothing is left behind, unless a step
 * inside the container failed and the container is kept (see {@linkcode CreateOptions}).
 *
 * @param cluster The cluster.
 * @param plan The plan, as `plan` made it.
 * @param options The signal that ends it, and what happens to a container that failed.
 * @returns The running create: await it for the container, or iterate over its events, the last
 * of which is `created`.
 * @throws {PxrunError} The reason why it could not be finished, after cleaning up.
 *
 * @example Create a container and watch its progress
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
 * const creating = create(cluster, await plan(cluster, recipe));
 * for await (const event of creating) {
 *   if (event.type === "step-done") titles.push(event.title);
 * }
 * assert.deepEqual(titles, ["create container", "start", "wait for an address"]);
 * assert.equal((await creating).status, "running");
 * ```
 */
export function create(
  cluster: Cluster,
  plan: CreatePlan,
  options: CreateOptions = {},
): Operation<Created, Event> {
  return startOperation(
    (signal) => createEvents(cluster, plan, { ...options, signal }),
    { what: `the create of ${plan.recipe.container.hostname}`, signal: options.signal },
  );
}

/** The events of a create, which runs as they are taken; the result is the container. */
export async function* createEvents(
  cluster: Cluster,
  plan: CreatePlan,
  options: CreateOptions = {},
): AsyncGenerator<Event, Created, undefined> {
  const undo = createUndo();
  const { signal, leave } = options;
  const { clock } = cluster.world;
  const key = joinKey(cluster, plan.recipe);
  const creating = { cluster, plan, undo, key, notes: {}, durations: {}, signal };
  try {
    const result = yield* carryOut(creating, options);
    // Only what is temporary remains to be undone.
    yield* takeBack(clock, undo, leave);
    yield { type: "created", result, at: clock.now() };
    return result;
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
): AsyncGenerator<Event, Created, undefined> {
  const { cluster, plan } = creating;
  const since = cluster.world.clock.now();
  const made = yield* beforeStart(creating);
  const { vmid } = made;
  if (plan.start) yield* start(creating, made);
  const ahead = lookAhead(creating, vmid);
  const settled = plan.start ? yield* afterStart(creating, vmid, options) : { addresses: [] };
  if (!plan.start) yield* protect(creating);
  return yield* conclude(creating, { ...settled, vmid, ahead, since }, options.leave);
}
