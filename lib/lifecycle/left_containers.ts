import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import * as access from "../proxmox/access.ts";
import { tagPolicy } from "../proxmox/cluster.ts";
import type { LxcConfig } from "../proxmox/nodes_lxc.ts";
import { list as listTasks } from "../proxmox/nodes_tasks.ts";
import { withSignal } from "../proxmox/rest.ts";
import { destroyEvents } from "./destroy.ts";
import type { Event } from "./event.ts";
import { type FleetEvent, type FleetLimits, fleetNames, runFleet } from "./fleet.ts";
import { configIfThere } from "./guest_config.ts";
import { type ContainerRow, list } from "./list.ts";
import { CREATING_TAG, FAILED_TAG, isCreating, readRun, type Run } from "./marks.ts";
import { planDestroy, withTailnetNode } from "./plan_destroy.ts";
import { holds } from "./rights.ts";

/** For how long a run that cannot be looked at from here may still be at it, in milliseconds. */
const LONGEST_RUN = 6 * 3_600_000;

/** A container that a create has not finished. */
export interface LeftContainer {
  readonly vmid: number;
  readonly node: string;
  readonly hostname?: string;
  readonly status: string;
  /** The run that has made it, where it is named. */
  readonly run?: Run;
  /** Whether that run has ended for certain or goes on, as far as can be seen from here. */
  readonly state: "over" | "live" | "unknown";
  /** Who has made it, and what is known of that, in words. */
  readonly why: string;
  /** The state of its configuration when it was looked at. */
  readonly digest: string;
}

/** What creates have left. */
export interface LeftContainers {
  /** Those that were not finished. */
  readonly unfinished: readonly LeftContainer[];
  /** Those that are kept because their provisioning failed. */
  readonly failed: readonly ContainerRow[];
}

/** Finds what creates have left, and what is known of the runs that did. Changes nothing. */
export async function leftContainers(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<LeftContainers> {
  const [rows, everywhere] = await Promise.all([
    list(cluster, { signal }),
    mayLackTag(cluster, signal),
  ]);
  const looked = rows.filter(({ tags }) => everywhere || tags.includes(CREATING_TAG))
    .map((row) => look(cluster, row, signal).catch((error) => unseen(row, error)));
  return {
    unfinished: (await Promise.all(looked)).filter((one) => one !== undefined),
    failed: rows.filter(({ tags }) => tags.includes(FAILED_TAG)),
  };
}

/** Whether a run may have had to do without the tag: then every description is read. */
async function mayLackTag(cluster: Cluster, signal: AbortSignal | undefined): Promise<boolean> {
  const rest = withSignal(cluster.rest, signal);
  const [permissions, policy] = await Promise.all([access.permissions(rest), tagPolicy(rest)]);
  // Without Sys.Audit nobody is told the policy. Any vmid stands for all.
  return !holds(permissions, "/", "Sys.Audit") ||
    !holds(permissions, "/vms/100", "VM.Config.Options") ||
    !policy.freeform || policy.registered.includes(CREATING_TAG);
}

async function look(
  cluster: Cluster,
  { vmid, node, hostname, status }: ContainerRow,
  signal: AbortSignal | undefined,
): Promise<LeftContainer | undefined> {
  const config = await configIfThere(withSignal(cluster.rest, signal), node, vmid);
  if (config === undefined || !isCreating(config)) return undefined;
  const run = readRun(config.description);
  const standing = await standingOf(cluster, { vmid, node, config, run }, signal);
  const name = config.hostname ?? hostname;
  return {
    vmid,
    node,
    ...(name !== undefined && { hostname: name }),
    status,
    ...(run && { run }),
    ...standing,
    digest: config.digest,
  };
}

/** A node that does not answer must not hide what is left on the others. */
function unseen(row: ContainerRow, error: unknown): LeftContainer | undefined {
  if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") throw error;
  if (!row.tags.includes(CREATING_TAG)) return undefined;
  const { vmid, node, hostname, status } = row;
  const why = `it cannot be looked at: ${error.message}`;
  const name = hostname !== undefined && { hostname };
  return { vmid, node, ...name, status, state: "unknown", why, digest: "" };
}

interface Looked {
  readonly vmid: number;
  readonly node: string;
  readonly config: LxcConfig;
  readonly run: Run | undefined;
}

async function standingOf(
  cluster: Cluster,
  { vmid, node, config, run }: Looked,
  signal: AbortSignal | undefined,
): Promise<Pick<LeftContainer, "state" | "why">> {
  const { self, clock } = cluster.world;
  const unknown = (why: string) => ({ state: "unknown" as const, why });
  if (run === undefined) return unknown("made by a run that it does not name");
  if (run.vmid !== vmid) return unknown(`a copy of ${run.vmid}, which was not finished then`);
  const begun = new Date(run.since).toISOString().slice(0, 16).replace("T", " ");
  const who = `made by process ${run.pid} on ${run.host}, since ${begun} UTC`;
  const here = run.pidScope !== undefined && run.pidScope === self.pidScope;
  if (here && self.isRunning(run.pid)) return { state: "live", why: `${who}, which goes on` };
  if (!here && clock.now() - run.since < LONGEST_RUN) return unknown(`${who}, which may go on`);
  if (config.lock !== undefined) return unknown(`${who}; it is locked (${config.lock})`);
  const tasks = await listTasks(withSignal(cluster.rest, signal), node, { vmid, source: "active" });
  const task = tasks.find(({ endtime }) => endtime === undefined);
  if (task !== undefined) return unknown(`${who}; the task ${task.type} works on it`);
  const why = here ? "which has ended" : "which is too long ago for it to go on";
  return { state: "over", why: `${who}, ${why}` };
}

/** `100 web-1 on pve01`. */
export function leftName(
  { vmid, hostname, node }: Pick<LeftContainer, "vmid" | "hostname" | "node">,
): string {
  return `${vmid} ${hostname ?? "?"} on ${node}`;
}

/** Removes what is left, side by side. One that cannot be removed leaves the others alone. */
export function removeLeft(
  cluster: Cluster,
  left: readonly LeftContainer[],
  limits: FleetLimits = {},
): AsyncGenerator<FleetEvent, void> {
  const names = fleetNames(left);
  const jobs = left.map((one, index) => ({
    container: names[index] ?? "",
    node: one.node,
    run: () => removeOne(cluster, one, limits.signal),
  }));
  return runFleet(cluster.world.clock, jobs, limits);
}

async function* removeOne(
  cluster: Cluster,
  { vmid, node, hostname, digest }: LeftContainer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Event, void> {
  const found = { vmid, node, ...(hostname !== undefined && { hostname }) };
  const plan = await planDestroy(cluster, found, { force: true, purge: true, signal });
  if (plan.digest !== digest) {
    throw new PxrunError("FAILED", `container ${vmid} was changed in the meantime`, {
      hint: "run pxrun cleanup again",
    });
  }
  // What has its name alone may be somebody else's machine.
  yield* destroyEvents(
    cluster,
    plan.tailscale?.byNameOnly ? withTailnetNode(plan, undefined) : plan,
    {
      signal,
    },
  );
}
