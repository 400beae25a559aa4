import type { Event } from "../../run/event.ts";
import { updateGuest } from "../../cluster/changes/same_guest.ts";
import { createStep, type Creating } from "./creating.ts";
import { ownTarget } from "./creating.ts";

/**
 * Protects a container whose recipe wants that. It comes last: Proxmox changes no disk or mount
 * point of a protected container, and one that is not finished must still be removable.
 */
export async function* protect(creating: Creating): AsyncGenerator<Event, void> {
  const { cluster, plan } = creating;
  if (!plan.recipe.container.protection) return;
  yield* createStep(creating, "protection", "protect it", async () => {
    await updateGuest(cluster, { ...ownTarget(creating), follow: true }, ({ protection }) => {
      return protection ? undefined : { protection: true };
    });
    return { value: undefined };
  });
}
