import { classify } from "./http/classify.ts";
import { limits } from "../core/limits.ts";
import { poll } from "../core/poll.ts";
import { retry } from "../core/retry.ts";
import { PxrunError } from "../core/errors.ts";
import type { Clock } from "../core/platform.ts";
import { NotFound, TaskFailed, Unreachable } from "./http/errors.ts";
import * as tasks from "./api/nodes/tasks.ts";
import { type Rest, withSignal } from "./http/rest.ts";
import { describeTask, parseUpid } from "./api/upid.ts";
import { isNoReply } from "./retry_busy.ts";

/** The part of a cluster that its tasks need. */
export interface TaskClient {
  readonly rest: Rest;
  readonly platform: { readonly clock: Clock };
  /** Whose tasks are ours: `user@realm!name`, or `user@realm`. */
  readonly tokenId: string;
  /** UPIDs of the tasks that this process started. */
  readonly started: Set<string>;
}

/** Properties by which a task is found among all others. */
export interface Sought {
  readonly node: string;
  /** `vzcreate`, `download` … */
  readonly type: string;
  /** The guest that it works on, if it is one. */
  readonly vmid?: number;
  /** Other subject of the task, if that is not a guest. */
  readonly id?: string;
}

/** A task of Proxmox, to be waited for or ended. */
export interface Task {
  readonly upid: string;
  /**
   * Waits for its end. A connection that is lost meanwhile is opened again.
   *
   * @returns What its log warned of.
   * @throws {TaskFailed} When it failed.
   */
  wait(options?: Omit<WaitOptions, "clock">): Promise<readonly string[]>;
  /**
   * Ends it, and waits until it has cleaned up. One that may be another run's is only awaited.
   *
   * @returns True if it was carried out anyway.
   */
  cancel(signal: AbortSignal): Promise<boolean>;
  /** Its log so far. */
  log(signal?: AbortSignal): Promise<readonly string[]>;
}

/**
 * Sends the request that starts a task, once. It cannot be aborted, for that would leave open
 * whether there is a task to wait for. When the reply is lost, the node's list of tasks tells
 * whether it took effect.
 *
 * @param sought How the task is found again.
 * @param send The request that gives its UPID.
 * @throws {Unreachable} When the reply was lost and no task of ours is there.
 */
export async function startTask(
  client: TaskClient,
  sought: Sought,
  send: (rest: Rest) => Promise<string>,
): Promise<Task> {
  const sent = client.platform.clock.now();
  try {
    const upid = await send(client.rest);
    client.started.add(upid);
    return taskOf(client, upid);
  } catch (error) {
    if (!mayHaveBegun(error)) throw error;
    const { type, vmid } = sought;
    const upid = await seek(client, sought, sent).catch(() => {
      const asked = error instanceof Unreachable && vmid !== undefined;
      throw type === "vzcreate" && asked ? unsure(error, vmid) : error;
    });
    if (upid === undefined) throw error;
    client.started.add(upid);
    // Another run with the same login may have begun it.
    return taskOf(client, upid, false);
  }
}

/**
 * The handle of a task.
 *
 * @param isOurs False if another run may have begun it.
 */
export function taskOf(client: TaskClient, upid: string, isOurs = true): Task {
  const { rest, platform: { clock } } = client;
  const wait: Task["wait"] = async (options = {}) => {
    const { warnings } = await waitForTask(rest, upid, {
      clock,
      timeout: limits.task.longest,
      ...options,
    });
    return warnings;
  };
  const ended = async (signal: AbortSignal): Promise<boolean> => {
    try {
      await wait({ signal });
      return true;
    } catch (error) {
      if (error instanceof TaskFailed || error instanceof NotFound) return false;
      throw error;
    }
  };
  return {
    upid,
    wait,
    log: (signal) => tasks.log(withSignal(rest, signal), upid),
    async cancel(signal) {
      if (isOurs) await stopTask(client, upid, signal);
      return await ended(signal);
    },
  };
}

async function stopTask(
  { rest, platform: { clock } }: TaskClient,
  upid: string,
  signal: AbortSignal,
): Promise<void> {
  await retry(() => tasks.stop(withSignal(rest, signal), upid), {
    clock,
    signal,
    attempts: limits.task.stops,
    isRetriable: (error) => error instanceof Unreachable,
  }).catch((error) => {
    // It may have ended by itself in between; the wait that follows tells how.
    if (!(error instanceof PxrunError) || error instanceof Unreachable) throw error;
  });
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
  { rest, platform: { clock }, tokenId, started }: TaskClient,
  { node, vmid, type, id: what }: Sought,
  since: number,
): Promise<string | undefined> {
  const filter = { ...(vmid !== undefined && { vmid }), source: "all", typefilter: type } as const;
  const probe = async (): Promise<string | undefined> => {
    const rows = await tasks.list(rest, node, filter);
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

/** Options for waiting for a task. Times are in milliseconds. */
export interface WaitOptions {
  readonly clock: Clock;
  /** Ends the waiting and nothing else: the task goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait (default: 30 minutes). */
  readonly timeout?: number;
  /** Sees each line of the task's log as it comes. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** A task that ended well. */
export interface TaskResult {
  readonly upid: string;
  /** Warnings of its log. */
  readonly warnings: readonly string[];
}

/** Number of lines of a failed task's log that its error holds. */
const LAST_LINES = 10;

/**
 * Waits until a task has ended. A connection that is lost meanwhile is opened
 * again; the task is not started again.
 *
 * @throws {TaskFailed} when it failed.
 * @throws {PxrunError} TIMEOUT when it still runs at the end of the time.
 */
export async function waitForTask(
  unbound: Rest,
  upid: string,
  options: WaitOptions,
): Promise<TaskResult> {
  const { clock, signal, onLog, timeout = 30 * 60_000 } = options;
  const rest = withSignal(unbound, signal);
  const what = describeTask(upid);
  const follow = onLog === undefined ? undefined : follower(rest, upid, onLog);

  async function probe(): Promise<string | undefined> {
    const { running, exitstatus } = await tasks.status(rest, upid);
    await follow?.();
    return running ? undefined : exitstatus ?? "unexpected status";
  }

  const exitstatus = await poll(probe, {
    clock,
    what: `the end of ${what}`,
    timeout,
    first: 25,
    longest: 1_000,
    signal,
    remedies: [{ kind: "wait-task", upid }],
  }).catch((error) => {
    throw error instanceof Unreachable ? lost(error, upid) : error;
  });
  if (exitstatus === "OK") return { upid, warnings: [] };
  const lines = await logOf(rest, upid);
  if (exitstatus.startsWith("WARNINGS:")) return { upid, warnings: warningsIn(lines, exitstatus) };
  throw new TaskFailed(`${what} failed: ${exitstatus}`, {
    upid,
    exitstatus,
    lines: lines.slice(-LAST_LINES),
    reason: classify({ request: what, status: 500, text: exitstatus }),
    hint: `its whole log, on the node: pvenode task log ${upid}`,
  });
}

/** The same error, and how to see what becomes of the task. */
function lost(error: Unreachable, upid: string): Unreachable {
  const { transient, sent, away } = error;
  const message = `${error.message}; ${describeTask(upid)} may still run`;
  const remedies = [{ kind: "wait-task", upid }] as const;
  return new Unreachable(message, { transient, sent, away, cause: error, remedies });
}

/** Hands on the lines that have come since it was last called. */
function follower(rest: Rest, upid: string, onLog: (line: string) => void): () => Promise<void> {
  let seen = 0;
  return async () => {
    const lines = await tasks.log(rest, upid, seen);
    seen += lines.length;
    lines.forEach(onLog);
  };
}

/** The task has ended and is known to have: its outcome must not be hidden by a log that fails. */
async function logOf(rest: Rest, upid: string): Promise<string[]> {
  try {
    return await tasks.log(rest, upid);
  } catch {
    return [];
  }
}

function warningsIn(lines: readonly string[], exitstatus: string): string[] {
  const warnings = lines.filter((line) => /^WARN(?:ING)?:/.test(line));
  if (warnings.length === 0) return [exitstatus];
  return warnings.map((line) => line.replace(/^WARN(?:ING)?:\s*/, ""));
}
