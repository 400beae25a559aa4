import { limits } from "../../core/limits.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { replicated } from "../../proxmox/api/cluster.ts";
import { type LxcConfig, type LxcStatus } from "../../proxmox/api/nodes/lxc.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import { volumeTimes } from "../../proxmox/api/nodes/storage.ts";
import { list as listTasks, type TaskRow } from "../../proxmox/api/nodes/tasks.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import type { Run } from "../../cluster/guests/marker.ts";
import type { Place } from "../../cluster/guests/where.ts";

/** The tasks that a create starts. */
const OWN_TASKS: ReadonlySet<string> = new Set(["vzcreate", "vzstart"]);

/** Those that say nothing of use: backups of all containers, and what could not remove this one. */
const NO_USE: ReadonlySet<string> = new Set(["vzdestroy", "vzdump"]);

/** Facts about the run that made a container. */
export interface Standing {
  /** `over` for a run that has ended for certain, `live` for one that still runs, as far as can be seen from here. */
  readonly state: "over" | "live" | "unknown";
  /** Run that made it, in words. */
  readonly why: string;
}

/** A marked container. */
export interface Marked extends Place {
  readonly config: LxcConfig;
  readonly run: Run | undefined;
}

/**
 * The standing of the run that a container names: it has left the container, or still works on it. A mark also comes back
 * with a backup, a snapshot or a clone, and stays where a run was killed at its very end: what shows
 * that the container has been used since makes it unknown.
 */
export async function standingOf(
  cluster: Cluster,
  marked: Marked,
  signal: AbortSignal | undefined,
): Promise<Standing> {
  const { self, clock } = cluster.platform;
  const { vmid, config, run } = marked;
  const unknown = (why: string) => ({ state: "unknown" as const, why });
  if (run === undefined) return unknown("made by a run that it does not name");
  if (run.vmid !== vmid) return unknown(`a copy of ${run.vmid}, which was not finished then`);
  const begun = new Date(run.since).toISOString().slice(0, 16).replace("T", " ");
  const who = `made by process ${run.pid} on ${run.host}, since ${begun} UTC`;
  const here = run.pidScope !== undefined && run.pidScope === self.pidScope;
  if (here && self.isRunning(run.pid)) return { state: "live", why: `${who}, which goes on` };
  if (!here && clock.now() - run.since < limits.cleanup.longestRun) {
    return unknown(`${who}, which may go on`);
  }
  if (config.lock !== undefined) return unknown(`${who}; it is locked (${config.lock})`);
  const used = await usedSince(cluster, { ...marked, run }, signal);
  if (used !== undefined) return unknown(`${who}; ${used}`);
  const why = here ? "which has ended" : "which is too long ago for it to go on";
  return { state: "over", why: `${who}, ${why}` };
}

/** Evidence that a container is in use, or is not the one that the run made; undefined: none. */
async function usedSince(
  cluster: Cluster,
  { vmid, node, config, run }: Marked & { readonly run: Run },
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const rest = withSignal(cluster.rest, signal);
  if (config.template) return "it is a template by now";
  if (config.protection && !run.protects) return "it is protected, which that run did not do";
  if (config.contents.has("parent")) return "it has snapshots";
  const now = cluster.platform.clock.now();
  const [replicas, current, tasks, made] = await Promise.all([
    replicated(rest),
    lxc.current(rest, node, vmid),
    listTasks(rest, node, { vmid, source: "all" }),
    rootTime(cluster, { vmid, node, config }, signal),
  ]);
  if (replicas.has(vmid)) return "it is replicated to another node";
  return usedNow(current, now - run.since) ?? workedOn(tasks, run.since) ??
    madeAt(made, tasks, { since: run.since, now });
}

function usedNow({ haManaged, status }: LxcStatus, age: number): string | undefined {
  if (haManaged) return "high availability manages it";
  const long = status === "running" && age > limits.cleanup.ownWork;
  return long ? "it runs, and may be in use" : undefined;
}

/** Other tasks that have worked on it, or still do. */
function workedOn(tasks: readonly TaskRow[], since: number): string | undefined {
  const running = tasks.find(({ endtime }) => endtime === undefined);
  if (running !== undefined) return `the task ${running.type} works on it`;
  const other = tasks.find(({ type, starttime }) => {
    const after = starttime * 1000 - since;
    return !NO_USE.has(type) &&
      after > (OWN_TASKS.has(type) ? limits.cleanup.ownWork : -limits.cleanup.ownWork);
  });
  return other && `the task ${other.type} has worked on it, at ${utc(other.starttime * 1000)}`;
}

/** Evidence that it was not made by that run. */
function madeAt(
  made: number | undefined,
  tasks: readonly TaskRow[],
  { since, now }: { readonly since: number; readonly now: number },
): string | undefined {
  const near = (ms: number): boolean => Math.abs(ms - since) <= limits.cleanup.ownWork;
  if (made !== undefined && !near(made)) return `its root disk is of ${utc(made)}`;
  const proven = made !== undefined ||
    tasks.some(({ type, starttime }) => type === "vzcreate" && near(starttime * 1000));
  const old = now - since > limits.cleanup.withoutProof;
  return old && !proven ? "nothing shows that it was not restored from a backup since" : undefined;
}

/** Time when its root disk was made or last written, in milliseconds; undefined where it is not known. */
async function rootTime(
  { rest }: Cluster,
  { vmid, node, config }: Omit<Marked, "run">,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const volid = config.rootfs?.["volume"] ?? "";
  const storage = /^([^/:]+):/.exec(volid)?.[1];
  if (storage === undefined) return undefined;
  try {
    const seconds = (await volumeTimes(withSignal(rest, signal), node, storage, vmid)).get(volid);
    return seconds && seconds * 1000;
  } catch (error) {
    // Who may not look at the storage has the tasks to go by.
    if (error instanceof PxrunError && error.code === "PERMISSION_DENIED") return undefined;
    throw error;
  }
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
