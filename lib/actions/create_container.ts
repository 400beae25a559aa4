import { limits } from "../core/limits.ts";
import { retry } from "../core/retry.ts";
import type { Cluster } from "../cluster/cluster.ts";
import {
  destroyGuest,
  Gone,
  OtherGuest,
  type Target,
  updateGuest,
} from "../cluster/changes/same_guest.ts";
import { guestNow } from "../cluster/guests/guest_config.ts";
import { beginRun, type MarkerVia, readRun, withMarker } from "../cluster/guests/marker.ts";
import { readNames } from "../cluster/guests/names.ts";
import type { Place } from "../cluster/guests/where.ts";
import { claimVmid } from "../cluster/vmid.ts";
import { PxrunError } from "../core/errors.ts";
import { poll } from "../core/poll.ts";
import type { LxcCreate } from "../proxmox/api/nodes/lxc.ts";
import * as lxc from "../proxmox/api/nodes/lxc.ts";
import { list } from "../proxmox/api/nodes/tasks.ts";
import { AlreadyExists, PermissionDenied, TaskFailed } from "../proxmox/http/errors.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import { isBusy } from "../proxmox/retry_busy.ts";
import { startTask, type Task } from "../proxmox/task.ts";
import type { ActionContext, ClusterModule } from "./context.ts";
import { isOurs, type OwnContainer } from "./own.ts";

/** A container is created. */
export interface CreateContainer {
  readonly kind: "create-container";
  readonly id: "create";
  readonly node: string;
  readonly vmid: number;
  /** True if no other VMID will do. */
  readonly vmidIsFixed: boolean;
  readonly hostname: string;
  readonly parameters: LxcCreate;
  /** Marker that shows it as unfinished. */
  readonly marker: MarkerVia;
  /** True if it is protected in the end. */
  readonly protects: boolean;
}

/**
 * A VMID that another client took in between is replaced by the next free one, unless it is fixed.
 * The undo removes the container that this run has made, and no other.
 */
export const createContainer: ClusterModule<CreateContainer> = {
  describe: ({ node, vmid, parameters }) => ({
    title: `create container ${vmid}`,
    by: "API",
    call: `POST /nodes/${node}/lxc`,
    parameters: Object.entries(parameters)
      .map(([name, value]) => `${name}=${typeof value === "boolean" ? Number(value) : value}`)
      .filter((text) => !text.startsWith("description=")),
  }),
  async run(action, context) {
    const { vmid, warnings } = await make(action, context);
    return { done: `created container ${vmid} on ${action.node}`, warnings };
  },
};

interface Made {
  readonly vmid: number;
  readonly warnings: readonly string[];
}

async function make(action: CreateContainer, context: ActionContext): Promise<Made> {
  const { cluster, clock, signal } = context;
  const taken = new Set<number>();
  let { vmid } = action;
  const unlessBusy = (): Promise<readonly string[]> =>
    retry(() => makeAs(action, vmid, context), {
      clock,
      signal,
      attempts: limits.create.lockTries,
      isRetriable: async (error) =>
        isBusy(error) && await madeNothing({ ...action, vmid }, context),
      pause: (attempt) => limits.create.lockPause * (attempt + Math.random()),
    }).catch((error) => {
      throw isBusy(error) ? stillLocked(error) : error;
    });
  return await retry(async (attempt) => {
    if (attempt > 1) {
      taken.add(vmid);
      // A run that loses repeatedly competes with many others for the same number.
      vmid = await claimVmid(
        cluster,
        taken,
        signal,
        attempt <= limits.create.nextVmids ? 0 : 4 * (attempt - 1),
      );
    }
    cluster.offered.add(vmid);
    return { vmid, warnings: await unlessBusy() };
  }, {
    clock,
    signal,
    attempts: action.vmidIsFixed ? 1 : limits.create.vmidTries,
    isRetriable: (error) =>
      (error instanceof TaskFailed ? error.reason : error) instanceof AlreadyExists,
  });
}

async function makeAs(
  action: CreateContainer,
  vmid: number,
  context: ActionContext,
): Promise<readonly string[]> {
  const { cluster, undo, signal } = context;
  await refuseNamesake(context);
  signal?.throwIfAborted();
  const { node, hostname, protects } = action;
  const run = beginRun(cluster.platform, vmid, protects);
  let named = false;
  const send = (via: MarkerVia): Promise<Task> => {
    const parameters = withMarker({ ...action.parameters, vmid }, run, via);
    named = readRun(parameters.description)?.id === run.id;
    const sought = { node, vmid, type: "vzcreate" };
    return startTask(cluster, sought, (rest) => lxc.create(rest, node, parameters));
  };
  const task = await send(action.marker).catch((error) => {
    // The tag policy says no before anything is made.
    if (action.marker !== "tag" || !(error instanceof PermissionDenied)) throw error;
    return send("notes");
  });
  const ours = { node, vmid, hostname, run: run.id, named, protects };
  context.guest = { node, vmid, is: isOurs(ours) };
  let made = false;
  const freed = undo.add(`remove container ${vmid}`, async (patience) => {
    made ||= await task.cancel(patience);
    if (made) return await removeOwn(cluster, ours, patience);
    return await cleanedUp(cluster, ours, task.upid, patience);
  }, { byHand: { kind: "destroy", vmid } });
  try {
    const warnings = await task.wait({ signal });
    made = true;
    return warnings;
  } catch (error) {
    // What is there then is another client's, or nothing: there is nothing to undo.
    const taken = error instanceof TaskFailed && error.reason instanceof AlreadyExists;
    if (taken || error instanceof TaskFailed && await madeNothing(ours, context)) freed();
    throw error;
  }
}

/** True if no container has the vmid: what was refused may be asked for once more. */
async function madeNothing(
  { node, vmid }: Place,
  { cluster, signal }: ActionContext,
): Promise<boolean> {
  const now = await guestNow(cluster, { node, vmid }, signal).catch(() => undefined);
  return now?.state === "gone";
}

/** The same error, as what it is to who reads it. */
function stillLocked(error: unknown): unknown {
  if (!(error instanceof TaskFailed)) return error;
  const { message, hint, remedies } = error;
  return new PxrunError("LOCKED", message, { hint, remedies, cause: error });
}

/**
 * Another client may have made one of that name since it was planned: while a question waited for its
 * answer, or others of a batch were made. One made from here on is reported at the end.
 */
async function refuseNamesake(
  { cluster, names, signal }: ActionContext,
): Promise<void> {
  if (names === undefined) return;
  const now = await readNames(withSignal(cluster.rest, signal), names.nodes);
  const problem = names.problem(now);
  if (problem) throw new PxrunError(problem.code, problem.message, problem);
}

/** Waits until a create that failed or was cancelled has removed its configuration. */
async function cleanedUp(
  cluster: Cluster,
  { node, vmid }: OwnContainer,
  upid: string,
  signal: AbortSignal,
): Promise<void> {
  await poll(async () => {
    const now = await guestNow(cluster, { node, vmid }, signal);
    const stub = now.state === "here" && now.config.lock === "create";
    return stub && !await isAnothers(cluster, { node, vmid }, upid, signal) ? undefined : true;
  }, {
    clock: cluster.platform.clock,
    what: `the create of ${vmid} to clean up behind itself`,
    timeout: 30_000,
    signal,
    hint: `its task was killed: on ${node}, pct unlock ${vmid} && pct destroy ${vmid}`,
  });
}

/** True if what is being made there by now is made by another task. */
async function isAnothers(
  { rest }: Cluster,
  { node, vmid }: Place,
  upid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const tasks = await list(withSignal(rest, signal), node, { vmid, source: "active" });
  return tasks.some((task) => task.endtime === undefined && task.upid !== upid);
}

/**
 * Destroys a container that this run has made, running or not, on whatever node it is by now.
 *
 * @returns What is worth a word: that another guest has its vmid by now, which is left alone.
 */
async function removeOwn(
  cluster: Cluster,
  own: OwnContainer,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { vmid, node } = own;
  const follow = { follow: true, lockPatience: limits.create.undoLock };
  const target: Target = { vmid, node, is: isOurs(own), signal, ...follow };
  try {
    await unprotect(cluster, target, own);
    await destroyGuest(cluster, target, { force: true, purge: true }, async (task) => {
      await task.wait({ signal });
    });
    return [];
  } catch (error) {
    if (error instanceof Gone) return [];
    if (!(error instanceof OtherGuest)) throw error;
    return [`the container made as ${vmid} is not there any more: ${error.message}; left alone`];
  }
}

async function unprotect(cluster: Cluster, target: Target, own: OwnContainer): Promise<void> {
  await updateGuest(cluster, target, ({ protection }) => {
    if (protection && !own.protects) throw protectedByOthers(own);
    return protection ? { protection: false } : undefined;
  });
}

function protectedByOthers({ vmid }: OwnContainer): PxrunError {
  return new PxrunError("FAILED", `another client has protected container ${vmid}`, {
    remedies: [{ kind: "destroy", vmid, force: true }],
  });
}
