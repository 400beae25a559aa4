import { TaskFailed } from "../../proxmox/http/errors.ts";
import type { Event } from "../../run/event.ts";
import { makeGroups } from "./guest_groups.ts";
import { assertSame, startGuest } from "../../cluster/changes/same_guest.ts";
import { cancel, carriedOut, finish } from "../../proxmox/task.ts";
import { inPlaceEvents } from "../../cluster/guests/where.ts";
import type { NewContainer } from "./before_start.ts";
import { createStep, type Creating } from "./creating.ts";
import { ownTarget } from "./creating.ts";

/** Starts the container and gives it the groups that its devices need. */
export async function* start(
  creating: Creating,
  { vmid, groups }: NewContainer,
): AsyncGenerator<Event, void> {
  const { cluster, plan, signal } = creating;
  const place = { node: plan.placement.node, vmid };
  const starting = createStep(creating, "start", "start", async () => {
    signal?.throwIfAborted();
    const target = ownTarget(creating);
    const warnings = await startGuest(
      cluster,
      target,
      (upid, sure) => startedBy(creating, upid, sure),
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
      await assertSame(cluster, ownTarget(creating));
      await makeGroups(cluster, place, groups, signal);
      return { value: undefined };
    },
  );
}

async function startedBy(
  { cluster, undo, signal }: Creating,
  upid: string,
  sure: boolean,
): Promise<readonly string[]> {
  // A start that still runs holds the container's lock, so that it cannot be removed.
  const started = undo.add("stop the start", async (patience) => {
    await (sure ? cancel : carriedOut)(cluster, upid, patience);
  });
  const warnings = await finish(cluster, upid, signal).catch((error) => {
    if (error instanceof TaskFailed) started();
    throw error;
  });
  started();
  return warnings;
}
