import type { ActionContext } from "../../actions/context.ts";
import { DestroyContinues } from "../../actions/destroy_container.ts";
import { nodeStays } from "../../actions/remove_tailnet_node.ts";
import { moduleOf } from "../../actions/table.ts";
import { asSeen, OtherGuest, Unseen } from "../../cluster/changes/same_guest.ts";
import { assertWrites, type Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { type Operation, startOperation } from "../../core/operation.ts";
import { Unreachable } from "../../proxmox/http/errors.ts";
import type { Event } from "../../run/event.ts";
import type { Destroyed } from "../../run/result.ts";
import { rollBack } from "../../run/roll_back.ts";
import { runActions } from "../../run/run_actions.ts";
import { createUndo } from "../../run/undo.ts";
import type { DestroyOptions, DestroyPlan } from "./plan_destroy.ts";

/**
 * Starts to carry out a plan. Immediately before each call the container is read again: one that
 * was changed, or another one under the same vmid, is left alone.
 *
 * @param cluster The cluster.
 * @param plan The plan, as `planDestroy` made it.
 * @param options The signal that ends it before the DELETE is sent.
 * @returns The running destroy: await it for the result, or iterate over its events, the last of
 * which is `destroyed`.
 * @throws {PxrunError} The reason why the container could not be destroyed.
 *
 * @example Create and destroy
 * ```ts
 * import * as pxrun from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...pxrun.denoPlatform(), env: simulator.env() };
 * await using cluster = await pxrun.connect(platform);
 * const recipe = pxrun.parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * await pxrun.create(cluster, await pxrun.plan(cluster, recipe));
 * await pxrun.destroy(cluster, await pxrun.planDestroy(cluster, "a"));
 * assert.deepEqual(await pxrun.list(cluster), []);
 * ```
 *
 * @category Changes
 */
export function destroy(
  cluster: Cluster,
  plan: DestroyPlan,
  options: Pick<DestroyOptions, "signal"> = {},
): Operation<Destroyed, Event> {
  return startOperation(
    (signal) => destroyEvents(cluster, plan, { signal }),
    { what: `the destroy of ${plan.hostname ?? plan.vmid}`, signal: options.signal },
  );
}

/** The events of a destroy, which runs as they are taken. */
export async function* destroyEvents(
  cluster: Cluster,
  plan: DestroyPlan,
  options: Pick<DestroyOptions, "signal"> = {},
): AsyncGenerator<Event, Destroyed, undefined> {
  assertWrites(cluster, "destroy a container");
  const { clock } = cluster.platform;
  const since = clock.now();
  const { vmid, node, hostname, digest, actions } = plan;
  const undo = createUndo();
  const context: ActionContext = {
    ...{ cluster, clock, undo, signal: options.signal },
    notes: {},
    durations: {},
    guest: { vmid, node, is: asSeen(digest) },
  };
  try {
    yield* runActions(actions, moduleOf, context);
  } catch (error) {
    yield* rollBack(clock, undo, undefined);
    const unsure = error instanceof DestroyContinues || error instanceof Unreachable ||
      error instanceof OtherGuest;
    const stays = unsure && actions.find((one) => one.kind === "remove-tailnet-node");
    if (stays) yield { type: "warning", message: nodeStays(stays.name), at: clock.now() };
    throw error instanceof Unseen ? notDestroyed(error) : error;
  }
  const at = clock.now();
  const { removedNode } = context;
  const result = {
    vmid,
    node,
    ...(hostname !== undefined && { hostname }),
    ...(removedNode !== undefined && { tailscale: removedNode }),
    ms: at - since,
  };
  yield { type: "destroyed", at, result };
  return result;
}

/** The cluster does answer; that one node does not is a failure like others. */
function notDestroyed(error: Unseen): PxrunError {
  const { message, hint, remedies } = error;
  return new PxrunError("FAILED", message, { hint, remedies, cause: error });
}
