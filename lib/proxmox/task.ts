import { limits } from "../core/limits.ts";
import { poll } from "../core/poll.ts";
import { retry } from "../core/retry.ts";
import { PxrunError } from "../core/errors.ts";
import type { Clock } from "../core/world.ts";
import { NotFound, TaskFailed, Unreachable } from "./http/errors.ts";
import { list, stop } from "./api/nodes/tasks.ts";
import { type Rest, withSignal } from "./http/rest.ts";
import { parseUpid } from "./api/upid.ts";
import { waitForTask } from "./wait_for_task.ts";
import { isNoReply } from "./retry_busy.ts";

/** The part of a cluster that its tasks need. */
export interface TaskClient {
  readonly rest: Rest;
  readonly world: { readonly clock: Clock };
  /** Whose tasks are ours: `user@realm!name`, or `user@realm`. */
  readonly tokenId: string;
  /** UPIDs of the tasks that this process started. */
  readonly started: Set<string>;
}

/** How a task is found among all others. */
export interface Sought {
  readonly node: string;
  /** `vzcreate`, `download` … */
  readonly type: string;
  /** The guest that it works on, if it is one. */
  readonly vmid?: number;
  /** What else it works on, where that is no guest. */
  readonly id?: string;
  /** Called when the reply was lost: the task that was found may be that of another run. */
  readonly onSought?: () => void;
}

/**
 * Sends what starts a task, once. It cannot be aborted, for that would leave open whether
 * there is a task to wait for. When the reply is lost, the node's list of tasks
 * tells whether it took effect.
 *
 * @param task How the task is found again.
 * @param send The call that gives its UPID.
 * @throws {Unreachable} When the reply was lost and no task of ours is there.
 */
export async function begin(
  cluster: TaskClient,
  task: Sought,
  send: (rest: Rest) => Promise<string>,
): Promise<string> {
  const sent = cluster.world.clock.now();
  try {
    const upid = await send(cluster.rest);
    cluster.started.add(upid);
    return upid;
  } catch (error) {
    if (!mayHaveBegun(error)) throw error;
    const { type, vmid } = task;
    const upid = await seek(cluster, task, sent).catch(() => {
      const asked = error instanceof Unreachable && vmid !== undefined;
      throw type === "vzcreate" && asked ? unsure(error, vmid) : error;
    });
    if (upid === undefined) throw error;
    cluster.started.add(upid);
    task.onSought?.();
    return upid;
  }
}

/** True where the reply was lost, or is not one of the API: what was asked for may have been done. */
function mayHaveBegun(error: unknown): boolean {
  if (error instanceof Unreachable) return error.sent;
  return isNoReply(error);
}

/** The same error, with what to type if it is there all the same: nobody could be asked. */
function unsure(error: Unreachable, vmid: number): Unreachable {
  const { message, transient, sent, away } = error;
  return new Unreachable(message, {
    transient,
    sent,
    away,
    cause: error,
    hint: `container ${vmid} may be there anyway`,
    remedies: [{ kind: "list" }, { kind: "destroy", vmid }],
  });
}

/** The UPID of our own task that was started since; undefined when there is none. */
async function seek(
  { rest, world: { clock }, tokenId, started }: TaskClient,
  { node, vmid, type, id: what }: Sought,
  since: number,
): Promise<string | undefined> {
  const filter = { ...(vmid !== undefined && { vmid }), source: "all", typefilter: type } as const;
  const probe = async (): Promise<string | undefined> => {
    const rows = await list(rest, node, filter);
    // A row names the user and not the token, which only the UPID has.
    return rows.find(({ upid, id, starttime }) =>
      parseUpid(upid).user === tokenId && starttime * 1000 > since - limits.task.skew &&
      !started.has(upid) && (what === undefined || id === what)
    )?.upid;
  };
  const how = {
    clock,
    what: "the task",
    timeout: limits.task.search,
    first: 250,
    longest: 2_000,
    grace: 0,
  };
  return await poll(probe, how).catch((error) => {
    if (error instanceof PxrunError && error.code === "TIMEOUT") return undefined;
    throw error;
  });
}

/** Waits for a task and gives its warnings. */
export async function finish(
  cluster: TaskClient,
  upid: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { rest, world: { clock } } = cluster;
  const { warnings } = await waitForTask(rest, upid, {
    clock,
    signal,
    timeout: limits.task.longest,
  });
  return warnings;
}

/**
 * Ends a task that nobody wants any more and waits until it has cleaned up.
 *
 * @returns Whether it was carried out all the same.
 */
export async function cancel(
  cluster: TaskClient,
  upid: string,
  signal: AbortSignal,
): Promise<boolean> {
  await retry(() => stop(withSignal(cluster.rest, signal), upid), {
    clock: cluster.world.clock,
    signal,
    attempts: limits.task.stops,
    isRetriable: (error) => error instanceof Unreachable,
  }).catch((error) => {
    // It may have ended by itself in between; the wait below tells how.
    if (!(error instanceof PxrunError) || error instanceof Unreachable) throw error;
  });
  return await carriedOut(cluster, upid, signal);
}

/** Waits for the end of a task, and tells whether it was carried out. */
export async function carriedOut(
  cluster: TaskClient,
  upid: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await finish(cluster, upid, signal);
    return true;
  } catch (error) {
    if (error instanceof TaskFailed || error instanceof NotFound) return false;
    throw error;
  }
}
