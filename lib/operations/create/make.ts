import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { poll } from "../../core/poll.ts";
import { parseList } from "../../proxmox/http/properties.ts";
import { AlreadyExists, PermissionDenied, TaskFailed } from "../../proxmox/http/errors.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import { list } from "../../proxmox/api/nodes/tasks.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import { guestNow } from "../../cluster/guests/guest_config.ts";
import { nameProblems } from "../../plan/namesakes.ts";
import { readNames } from "../../cluster/guests/names.ts";
import {
  beginRun,
  changeOf,
  type MarkWay,
  readRun,
  type Run,
  withCreating,
} from "../../cluster/guests/marks.ts";
import { isBusy } from "../../proxmox/retry_busy.ts";
import { begin, cancel, carriedOut, finish } from "../../proxmox/task.ts";
import { claimVmid } from "../../cluster/vmid.ts";
import type { Place } from "../../cluster/guests/where.ts";
import type { Creating } from "./creating.ts";
import type { OwnContainer } from "./own.ts";
import { removeOwn } from "./remove_own.ts";

/** How often another vmid is tried when somebody else was quicker. */
const TRIES = 20;
/** How often that is the very next free one. */
const NEXT = 5;

/** How often a lock is waited for that another task holds, each time as long as Proxmox waits. */
const LOCKS = 4;
/** Before the next try, times its number, in milliseconds. */
const PAUSE = 1_000;

/** A container that exists now, and what Proxmox had to say about it. */
export interface Made {
  readonly vmid: number;
  readonly warnings: readonly string[];
}

/**
 * Creates the container of a plan. A vmid that somebody else took in between is
 * replaced by the next free one, unless the recipe insists on it.
 */
export async function make(creating: Creating): Promise<Made> {
  const { cluster, plan, signal } = creating;
  const taken = new Set<number>();
  let locks = 0;
  for (let vmid = plan.vmid, tries = 1;; tries++) {
    cluster.offered.add(vmid);
    try {
      return { vmid, warnings: await makeAs(creating, vmid) };
    } catch (error) {
      const reason = error instanceof TaskFailed ? error.reason : error;
      if (isBusy(error) && await madeNothing(creating, vmid)) {
        if (++locks >= LOCKS) throw stillLocked(error);
        await cluster.world.clock.sleep(PAUSE * (locks + Math.random()), signal);
        tries--;
        continue;
      }
      if (!(reason instanceof AlreadyExists) || plan.vmidIsFixed || tries >= TRIES) throw error;
      taken.add(vmid);
    }
    // Whoever loses again and again has many beside him who go for the same number.
    vmid = await claimVmid(cluster, taken, signal, tries < NEXT ? 0 : 4 * tries);
  }
}

async function makeAs(creating: Creating, vmid: number): Promise<readonly string[]> {
  const { cluster, plan, undo, signal } = creating;
  await refuseNamesake(creating);
  signal?.throwIfAborted();
  const { placement: { node }, recipe: { container: { hostname, protection } } } = plan;
  const run = beginRun(cluster.world, vmid, protection);
  let named = false;
  // Another run with the same login may have begun the task that is found when a reply is lost.
  let sure = true;
  const send = (way: MarkWay): Promise<string> => {
    const parameters = marked({ ...plan.parameters, vmid }, run, way);
    named = readRun(parameters.description)?.id === run.id;
    return begin(
      cluster,
      { node, vmid, type: "vzcreate", onSought: () => sure = false },
      (rest) => lxc.create(rest, node, parameters),
    );
  };
  const upid = await send(plan.mark).catch((error) => {
    // The tag policy says no before anything is made.
    if (plan.mark !== "tag" || !(error instanceof PermissionDenied)) throw error;
    return send("line");
  });
  const ours = { node, vmid, hostname, run: run.id, named, protects: protection };
  creating.ours = ours;
  let made = false;
  const freed = undo.add(`remove container ${vmid}`, async (patience) => {
    const end = sure ? cancel : carriedOut;
    made ||= await end(cluster, upid, patience);
    if (made) return await removeOwn(cluster, ours, patience);
    return await cleanedUp(cluster, ours, upid, patience);
  }, { byHand: `pxrun destroy ${vmid}` });
  try {
    const warnings = await finish(cluster, upid, signal);
    made = true;
    return warnings;
  } catch (error) {
    // What is there then is another client's, or nothing: there is nothing to undo.
    const taken = error instanceof TaskFailed && error.reason instanceof AlreadyExists;
    if (taken || error instanceof TaskFailed && await madeNothing(creating, vmid)) freed();
    throw error;
  }
}

/** True if no container has the vmid: what was refused may be asked for once more. */
async function madeNothing({ cluster, plan, signal }: Creating, vmid: number): Promise<boolean> {
  const { node } = plan.placement;
  const now = await guestNow(cluster, { node, vmid }, signal).catch(() => undefined);
  return now?.state === "gone";
}

/** The same error, as what it is to who reads it. */
function stillLocked(error: unknown): unknown {
  if (!(error instanceof TaskFailed)) return error;
  return new PxrunError("LOCKED", error.message, { hint: error.hint, cause: error });
}

/** How long a look for other containers of the name holds, in milliseconds. */
const NAMES_HOLD = 3_000;

/**
 * Another client may have made one of that name since it was planned: while a question waited for its
 * answer, or others of a batch were made. A look that is only just over is not repeated: that
 * would take a round trip more, and one made in between is reported at the end.
 */
async function refuseNamesake(
  { cluster, plan: { recipe, nameNodes, namesAt }, signal }: Creating,
): Promise<void> {
  if (nameNodes === undefined || cluster.world.clock.now() - namesAt < NAMES_HOLD) return;
  const names = await readNames(withSignal(cluster.rest, signal), nameNodes);
  const [problem] = nameProblems(recipe, names);
  if (problem) throw new PxrunError(problem.code, problem.message, { hint: problem.hint });
}

/** The parameters of the create call, with the mark in them: that takes no call of its own. */
function marked(parameters: lxc.LxcCreate, run: Run, way: MarkWay): lxc.LxcCreate {
  const { tags = "", description } = parameters;
  const plain = { tags: parseList(tags), description };
  return { ...parameters, ...changeOf(plain, withCreating(plain, run, way)) };
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
    clock: cluster.world.clock,
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
