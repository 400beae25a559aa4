import { PxrunError } from "../core/errors.ts";
import type { Cluster } from "../connect/cluster.ts";
import { NotFound, TaskFailed } from "../proxmox/errors.ts";
import { stop } from "../proxmox/nodes_tasks.ts";
import { waitForTask } from "../proxmox/wait_for_task.ts";

/** Slow storage is slow; nothing here is given up before this. */
const LONGEST_TASK = 3_600_000;

/** Waits for a task and gives its warnings. */
export async function finish(
  cluster: Cluster,
  upid: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { rest, world: { clock } } = cluster;
  const { warnings } = await waitForTask(rest, upid, {
    clock,
    signal,
    timeout: LONGEST_TASK,
  });
  return warnings;
}

/**
 * Ends a task that nobody wants any more and waits until it has cleaned up.
 *
 * @returns Whether it was carried out all the same.
 */
export async function cancel(
  cluster: Cluster,
  upid: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await stop(cluster.rest, upid);
  } catch (error) {
    // It may have ended by itself in between; the wait below tells how.
    if (!(error instanceof PxrunError)) throw error;
  }
  try {
    await finish(cluster, upid, signal);
    return true;
  } catch (error) {
    if (error instanceof TaskFailed || error instanceof NotFound) return false;
    throw error;
  }
}
