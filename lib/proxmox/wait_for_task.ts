import { poll } from "../core/poll.ts";
import type { Clock } from "../core/world.ts";
import { classify } from "./http/classify.ts";
import { TaskFailed, Unreachable } from "./http/errors.ts";
import * as tasks from "./api/nodes/tasks.ts";
import { type Rest, withSignal } from "./http/rest.ts";
import { describeTask } from "./api/upid.ts";

/** How to wait for a task. Times are in milliseconds. */
export interface WaitOptions {
  readonly clock: Clock;
  /** Ends the waiting and nothing else: the task goes on. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait at most; 30 minutes when absent. */
  readonly timeout?: number;
  /** Sees each line of the task's log as it comes. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** A task that ended well. */
export interface TaskResult {
  readonly upid: string;
  /** What its log warned of. */
  readonly warnings: readonly string[];
}

/** How many lines of a failed task's log its error holds. */
const LAST_LINES = 10;

/**
 * Waits until a task has ended. A connection that is lost meanwhile is opened
 * anew; the task is not started again.
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
