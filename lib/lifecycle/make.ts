import type { Cluster } from "../connect/cluster.ts";
import { poll } from "../core/poll.ts";
import { AlreadyExists, TaskFailed } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import { configIfThere } from "./guest_config.ts";
import type { CreatePlan } from "./plan.ts";
import { begin, cancel, finish } from "./tasks.ts";
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
  signal?.throwIfAborted();
  const { node } = plan.placement;
  const upid = await begin(
    cluster,
    { node, vmid, type: "vzcreate" },
    (rest) => lxc.create(rest, node, { ...plan.parameters, vmid }),
  );
  let made = false;
  const freed = undo.add(`remove container ${vmid}`, async (patience) => {
    made ||= await cancel(cluster, upid, patience);
    if (made) await remove(cluster, plan, vmid, patience);
    else await gone(cluster, plan, vmid, patience);
  }, { byHand: `pxrun destroy ${vmid}` });
  try {
    const warnings = await finish(cluster, upid, signal);
    made = true;
    return warnings;
  } catch (error) {
    // What stands there then is somebody else's.
    if (error instanceof TaskFailed && error.reason instanceof AlreadyExists) freed();
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
  const config = await configIfThere(rest, node, vmid);
  if (config?.hostname !== plan.recipe.container.hostname) return;
  if (config.protection) await lxc.updateConfig(rest, node, vmid, { protection: false });
  const upid = await begin(
    cluster,
    { node, vmid, type: "vzdestroy" },
    (rest) => lxc.destroy(rest, node, vmid, { force: true, purge: true }),
  );
  await finish(cluster, upid, signal);
}

/** Waits until a create that failed or was cancelled has removed its configuration. */
async function gone(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  signal: AbortSignal,
): Promise<void> {
  const rest = withSignal(cluster.rest, signal);
  const { node } = plan.placement;
  await poll(async () => {
    const config = await configIfThere(rest, node, vmid);
    const hostname = config?.hostname ?? plan.recipe.container.hostname;
    const ours = hostname === plan.recipe.container.hostname && config?.lock === "create";
    return ours ? undefined : true;
  }, {
    clock: cluster.world.clock,
    what: `the create of ${vmid} to clean up behind itself`,
    timeout: 30_000,
    signal,
    hint: `its task was killed: on ${node}, pct unlock ${vmid} && pct destroy ${vmid}`,
  });
}
