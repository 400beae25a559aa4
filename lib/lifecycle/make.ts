import type { Cluster } from "../connect/cluster.ts";
import { poll } from "../core/poll.ts";
import { AlreadyExists, NotFound, TaskFailed } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import type { CreatePlan } from "./plan.ts";
import { cancel, finish } from "./tasks.ts";
import type { Undo } from "./undo.ts";
import { claimVmid } from "./vmid.ts";

/** How often another vmid is tried when somebody else was quicker. */
const TRIES = 20;

/** A container that exists now, and what Proxmox had to say about it. */
export interface Made {
  readonly vmid: number;
  readonly warnings: readonly string[];
}

/**
 * Creates the container of a plan. A vmid that somebody else took in between is
 * replaced by the next free one, unless the recipe insists on it.
 */
export async function make(
  cluster: Cluster,
  plan: CreatePlan,
  undo: Undo,
  signal: AbortSignal | undefined,
): Promise<Made> {
  const taken = new Set<number>();
  for (let vmid = plan.vmid, tries = 1;; tries++) {
    cluster.offered.add(vmid);
    try {
      return { vmid, warnings: await makeAs(cluster, plan, vmid, undo, signal) };
    } catch (error) {
      const reason = error instanceof TaskFailed ? error.reason : error;
      if (!(reason instanceof AlreadyExists) || plan.vmidIsFixed || tries >= TRIES) throw error;
      taken.add(vmid);
    }
    vmid = await claimVmid(cluster, taken, signal);
  }
}

async function makeAs(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  undo: Undo,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { node } = plan.placement;
  signal?.throwIfAborted();
  // Not abortable: an aborted POST would leave open whether there is a task to cancel.
  const upid = await lxc.create(cluster.rest, node, { ...plan.parameters, vmid });
  let made = false;
  const freed = undo.add(`remove container ${vmid}`, async (patience) => {
    made ||= await cancel(cluster, upid, patience);
    if (made) await remove(cluster, plan, vmid, patience);
    else await gone(cluster, plan, vmid, patience);
  });
  try {
    const warnings = await finish(cluster, upid, signal);
    made = true;
    return warnings;
  } catch (error) {
    // A create that fails frees its vmid by itself: what stands there then is somebody else's.
    if (error instanceof TaskFailed) freed();
    throw error;
  }
}

/** Destroys our own container, running or not; one that is gone already is fine. */
async function remove(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  signal: AbortSignal,
): Promise<void> {
  const rest = withSignal(cluster.rest, signal);
  const { node } = plan.placement;
  try {
    const config = await lxc.config(rest, node, vmid);
    if (config.hostname !== plan.recipe.container.hostname) return;
    if (config.protection) await lxc.updateConfig(rest, node, vmid, { protection: false });
    const upid = await lxc.destroy(rest, node, vmid, { force: true, purge: true });
    await finish(cluster, upid, signal);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

/** Waits until a cancelled create has removed its configuration. */
async function gone(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  signal: AbortSignal,
): Promise<void> {
  const rest = withSignal(cluster.rest, signal);
  await poll(async () => {
    try {
      const config = await lxc.config(rest, plan.placement.node, vmid);
      const ours = config.hostname === plan.recipe.container.hostname && config.lock === "create";
      return ours ? undefined : true;
    } catch (error) {
      if (error instanceof NotFound) return true;
      throw error;
    }
  }, {
    clock: cluster.world.clock,
    what: `the cancelled create of ${vmid} to clean up`,
    timeout: 60_000,
    signal,
    hint: `look at it: pct config ${vmid} on ${plan.placement.node}`,
  });
}
