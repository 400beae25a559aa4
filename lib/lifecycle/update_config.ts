import type { Cluster } from "../connect/cluster.ts";
import { Changed, Locked, NotFound, Unreachable } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import { movedTo, type Place } from "./where.ts";

/** How often it is tried, and the pause after each try, in milliseconds. */
const TRIES = 4;
const PAUSE = 250;

/** How a configuration is changed. */
export interface UpdateOptions {
  /** The configuration, where it is being read already. */
  readonly seen?: Promise<lxc.LxcConfig> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Changes a container's configuration as it is at that moment: it is read and changed anew
 * when somebody else has changed it in between, when its file is locked for a moment, when a
 * reply was lost, and on the node that the container has moved to.
 *
 * @param change What to change; undefined when it is as it should be.
 */
export async function updateConfig(
  cluster: Cluster,
  place: Place,
  change: (config: lxc.LxcConfig) => lxc.LxcUpdate | undefined,
  { seen, signal }: UpdateOptions = {},
): Promise<void> {
  const rest = withSignal(cluster.rest, signal);
  const { vmid } = place;
  let { node } = place;
  let read = seen;
  for (let tries = 1;; tries++) {
    try {
      const config = await (read ?? lxc.config(rest, node, vmid));
      const update = change(config);
      if (update === undefined) return;
      return await lxc.updateConfig(rest, node, vmid, { ...update, digest: config.digest });
    } catch (error) {
      const elsewhere = error instanceof NotFound && await movedTo(cluster, { vmid, node }, signal);
      if (tries >= TRIES || !(elsewhere || passes(error))) throw error;
      node = elsewhere || node;
    }
    read = undefined;
    await cluster.world.clock.sleep(PAUSE * tries, signal);
  }
}

/** Whether it may well go away by itself: what holds a lock by name goes on for long. */
function passes(error: unknown): boolean {
  return error instanceof Changed || error instanceof Locked && error.lock === undefined ||
    error instanceof Unreachable && error.transient;
}
