import { TaskFailed } from "../../proxmox/errors.ts";
import * as lxc from "../../proxmox/nodes_lxc.ts";
import type { Event } from "../event.ts";
import { makeGroups } from "../guest_groups.ts";
import { retryBusy } from "../retry_busy.ts";
import { begin, cancel, finish } from "../tasks.ts";
import { inPlaceEvents } from "../where.ts";
import type { NewContainer } from "./before_start.ts";
import { createStep, type Creating } from "./creating.ts";

/** Starts the container and gives it the groups that its devices need. */
export async function* start(
  creating: Creating,
  { vmid, groups }: NewContainer,
): AsyncGenerator<Event, void> {
  const { cluster, plan, signal } = creating;
  const place = { node: plan.placement.node, vmid };
  const starting = createStep(creating, "start", "start", async () => {
    signal?.throwIfAborted();
    const warnings = await retryBusy(
      cluster.world.clock,
      () => startOnce(creating, vmid),
      signal,
    );
    return { value: undefined, warnings };
  });
  yield* inPlaceEvents(cluster, place, starting);
  if (groups.size === 0) return;
  yield* createStep(
    creating,
    "groups",
    `make ${[...groups.keys()].join(", ")} inside`,
    async () => {
      await makeGroups(cluster, place, groups, signal);
      return { value: undefined };
    },
  );
}

async function startOnce(
  { cluster, plan, undo, signal }: Creating,
  vmid: number,
): Promise<readonly string[]> {
  const { node } = plan.placement;
  const upid = await begin(
    cluster,
    { node, vmid, type: "vzstart" },
    (rest) => lxc.start(rest, node, vmid),
  );
  // A start that still runs holds the container's lock, so that it cannot be removed.
  const started = undo.add("stop the start", async (patience) => {
    await cancel(cluster, upid, patience);
  });
  const warnings = await finish(cluster, upid, signal).catch((error) => {
    if (error instanceof TaskFailed) started();
    throw error;
  });
  started();
  return warnings;
}
