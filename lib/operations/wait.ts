import type { Cluster } from "../cluster/cluster.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { type Operation, startOperation } from "../core/operation.ts";
import { whileRunning } from "../core/while_running.ts";
import { NotFound } from "../proxmox/http/errors.ts";
import * as nodesApi from "../proxmox/api/nodes/nodes.ts";
import * as lxc from "../proxmox/api/nodes/lxc.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import { describeTask, parseUpid } from "../proxmox/api/upid.ts";
import { taskOf } from "../proxmox/task.ts";
import type { Event } from "../run/event.ts";
import { guestNow } from "../cluster/guests/guest_config.ts";
import type { TaskEnd } from "../run/result.ts";

/**
 * Options for ending the wait.
 *
 * @category Changes
 */
export interface WaitTaskOptions {
  /** Ends the wait; the task goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for the end of a task that was started before, by pxrun or by another client. The task
 * itself is not touched.
 *
 * @param cluster The cluster.
 * @param upid The task, as an error or Proxmox itself names it.
 * @param options The signal that ends the wait.
 * @returns The running wait: await it for the result, or iterate over its events: the lines of
 * the task's log as they come, and at last `ended`.
 * @throws {PxrunError} USAGE if it is not a UPID, NOT_FOUND if no node has the task, TASK_FAILED
 * when it failed.
 *
 * @example What became of a create
 * ```ts
 * import * as pxrun from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...pxrun.denoPlatform(), env: simulator.env() };
 * await using cluster = await pxrun.connect(platform);
 * const recipe = await pxrun.loadRecipe(platform, "examples/minimal.yaml");
 * const plan = await pxrun.plan(cluster, recipe, { start: false });
 * await pxrun.create(cluster, plan);
 * const [upid = ""] = simulator.cluster.tasks.keys();
 * const { type } = await pxrun.waitTask(cluster, upid);
 * assert.equal(type, "vzcreate");
 * ```
 *
 * @category Changes
 */
export function waitTask(
  cluster: Cluster,
  upid: string,
  options: WaitTaskOptions = {},
): Operation<TaskEnd, Event> {
  return startOperation(
    (signal) => waitTaskEvents(cluster, upid, { signal }),
    { what: `the wait for ${upid}`, signal: options.signal },
  );
}

/** The events of a wait, which runs as they are taken. */
export async function* waitTaskEvents(
  cluster: Cluster,
  upid: string,
  options: WaitTaskOptions = {},
): AsyncGenerator<Event, TaskEnd, undefined> {
  const { signal } = options;
  const { clock } = cluster.platform;
  const { node, type, id } = parseUpid(upid);
  const named = { step: type, title: describeTask(upid) };
  const since = clock.now();
  yield { type: "step-started", ...named, at: since };
  // A node that cannot be asked is waited for, one that there is not is no reason to wait.
  const nodes = await nodesApi.list(withSignal(cluster.rest, signal));
  if (!nodes.some((one) => one.node === node)) throw unknown(upid);
  let warnings: readonly string[];
  try {
    warnings = yield* whileRunning<Event, readonly string[]>(
      (say, signal) =>
        taskOf(cluster, upid).wait({
          signal,
          onLog: (text) => say({ type: "output", step: type, text, at: clock.now() }),
        }),
      signal,
    );
  } catch (error) {
    const at = clock.now();
    const message = messageOf(error);
    yield { type: "step-failed", ...named, at, ms: at - since, message, ignored: false };
    throw signal?.aborted ? notAwaited(upid) : error instanceof NotFound ? unknown(upid) : error;
  }
  const at = clock.now();
  yield { type: "step-done", ...named, at, ms: at - since, changed: true };
  for (const message of warnings) yield { type: "warning", message, at };
  const next = await nextSteps(cluster, upid, signal);
  const result: TaskEnd = { upid, node, type, id, warnings, ...(next && { next }) };
  yield { type: "ended", at: clock.now(), result };
  return result;
}

function notAwaited(upid: string): PxrunError {
  return new PxrunError("INTERRUPTED", `not waiting any more: ${describeTask(upid)} goes on`, {
    remedies: [{ kind: "wait-task", upid }],
  });
}

function unknown(upid: string): PxrunError {
  return new PxrunError("NOT_FOUND", `${describeTask(upid)} not found: ${upid}`, {
    hint: "a node forgets its oldest tasks",
    remedies: [{ kind: "list" }],
  });
}

/** Next step after a create or a start that was not waited for. */
async function nextSteps(
  cluster: Cluster,
  upid: string,
  signal: AbortSignal | undefined,
): Promise<TaskEnd["next"]> {
  const { node, type, id } = parseUpid(upid);
  if (type !== "vzcreate" && type !== "vzstart") return undefined;
  const rest = withSignal(cluster.rest, signal);
  const vmid = Number(id);
  const now = await guestNow(cluster, { node, vmid }, signal);
  if (now.state !== "here") return undefined;
  const { config } = now;
  const { status } = await lxc.current(rest, node, vmid);
  const start = status === "running" ? "" : `; start it: pct start ${vmid} on ${node}`;
  return {
    message: `container ${vmid} (${config.hostname}) is ${status}${start}`,
    remedies: [{ kind: "provision", container: vmid }, { kind: "destroy", vmid }],
  };
}
