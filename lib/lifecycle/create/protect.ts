import type { Event } from "../event.ts";
import { updateConfig } from "../update_config.ts";
import { createStep, type Creating } from "./creating.ts";

/**
 * Protects a container whose recipe wants that. It comes last: Proxmox changes no disk or mount
 * point of a protected container, and one that is not finished must still be removable.
 */
export async function* protect(creating: Creating, vmid: number): AsyncGenerator<Event, void> {
  const { cluster, plan, signal } = creating;
  if (!plan.recipe.container.protection) return;
  const place = { node: plan.placement.node, vmid };
  yield* createStep(creating, "protection", "protect it", async () => {
    const change = ({ protection }: { readonly protection: boolean }) =>
      protection ? undefined : { protection: true };
    await updateConfig(cluster, place, change, { signal });
    return { value: undefined };
  });
}
