import { messageOf } from "../../../lib/core/errors.ts";
import type { Cluster, Task } from "./cluster.ts";
import type { Who } from "./who.ts";
import { failed, invalid } from "./error.ts";
import { strike } from "./faults.ts";
import { seconds } from "./time.ts";
import { authId } from "./who.ts";

/** Functions for the body of a task. */
export interface TaskRun {
  /** Adds a line to the log. */
  log(line: string): void;
  /** Adds a line that begins with WARN and makes the task end with `WARNINGS: n`. */
  warn(line: string): void;
  /** Aborted when the task is stopped or the simulator ends. */
  readonly signal: AbortSignal;
  /** Lets simulated time pass; rejects with the signal's reason. */
  sleep(ms: number): Promise<void>;
}

/** Properties of a task's UPID. */
export interface TaskSpec {
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly who: Who;
}

/** The next process id of the cluster. */
export function newPid(cluster: Cluster): number {
  return cluster.nextPid += 1 + cluster.nextPid % 3;
}

/**
 * Starts a task in the background. What its body throws becomes the exit status.
 *
 * @returns The UPID.
 */
export function startTask(
  cluster: Cluster,
  spec: TaskSpec,
  run: (task: TaskRun) => Promise<void>,
): string {
  const task = newTask(cluster, spec);
  let warnings = 0;
  const fault = strike(cluster, "task-failure", { type: spec.type, node: spec.node });
  const injected = fault && failed(fault.message ?? "injected failure");
  const body: TaskRun = {
    log: (line) => void task.log.push(line),
    warn: (line) => {
      warnings++;
      task.log.push(`WARN: ${line}`);
    },
    signal: task.abort.signal,
    // In the middle of the work, so that the task has something to clean up.
    sleep: (ms) => injected ? Promise.reject(injected) : cluster.clock.sleep(ms, task.abort.signal),
  };
  task.log.push(...fault?.log ?? []);
  cluster.tasks.set(task.upid, task);
  task.done = (async () => {
    try {
      await run(body);
      if (injected) throw injected;
      task.exitstatus = warnings > 0 ? `WARNINGS: ${warnings}` : "OK";
      task.log.push(`TASK ${task.exitstatus}`);
    } catch (error) {
      task.exitstatus = messageOf(error);
      task.log.push(`TASK ERROR: ${task.exitstatus}`);
    }
    task.endtime = seconds(cluster);
  })();
  return task.upid;
}

function newTask(cluster: Cluster, spec: TaskSpec): Task {
  const bootedAt = cluster.nodes.get(spec.node)?.bootedAt ?? 0;
  const pid = newPid(cluster);
  const pstart = Math.floor((cluster.clock.now() - bootedAt) / 10);
  const starttime = seconds(cluster);
  const hex = [pid, pstart, starttime].map((n) => n.toString(16).toUpperCase().padStart(8, "0"));
  return {
    ...spec,
    upid: `UPID:${spec.node}:${hex.join(":")}:${spec.type}:${spec.id}:${authId(spec.who)}:`,
    pid,
    pstart,
    starttime,
    endtime: undefined,
    exitstatus: undefined,
    log: [],
    done: Promise.resolve(),
    abort: new AbortController(),
  };
}

const UPID =
  /^UPID:[^:\s]+:[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:[0-9A-Fa-f]{8}:[^:\s]+:[^:\s]*:[^:\s]+:$/;

/**
 * The task of a UPID.
 *
 * @throws {PveError} 400 when it is none, or nobody knows it.
 */
export function findTask(cluster: Cluster, upid: string): Task {
  if (!UPID.test(upid)) throw invalid({ upid: "unable to parse worker upid" });
  const task = cluster.tasks.get(upid);
  if (!task) throw invalid({ upid: "no such task" });
  return task;
}

/** Waits for a task to end. */
export async function waitTask(cluster: Cluster, upid: string): Promise<Task> {
  const task = findTask(cluster, upid);
  await task.done;
  return task;
}

/** Interrupts a task and waits until it has cleaned up behind itself. */
export async function stopTask(task: Task): Promise<void> {
  task.abort.abort(failed("received interrupt"));
  await task.done;
}

/** True if a task is one's own: a user also owns those of its tokens, not the other way round. */
export function ownsTask(who: Who, task: Task): boolean {
  return authId(who) === authId(task.who) || authId(who) === task.who.user;
}

/** Ends every task that still runs. */
export async function stopAllTasks(cluster: Cluster): Promise<void> {
  await Promise.all(Array.from(cluster.tasks.values(), stopTask));
}

/** Properties of a task in every reply. */
export function taskView(task: Task): Record<string, unknown> {
  const { upid, node, pid, pstart, starttime, type, id, who } = task;
  const token = who.token === undefined ? {} : { tokenid: who.token };
  return { upid, node, pid, pstart, starttime, type, id, user: who.user, ...token };
}
