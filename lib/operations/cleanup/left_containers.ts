import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import * as access from "../../proxmox/api/access.ts";
import { tagPolicy } from "../../proxmox/api/cluster.ts";
import { list as listTasks } from "../../proxmox/api/nodes/tasks.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import { destroyEvents } from "../destroy/destroy.ts";
import type { Event } from "../../run/event.ts";
import { type BatchEvent, type BatchLimits, runBatch } from "../../run/batch.ts";
import { configIfThere } from "../../cluster/guests/guest_config.ts";
import { type ContainerRow, inventory, isHidden } from "../../cluster/guests/inventory.ts";
import {
  CREATING_TAG,
  FAILED_TAG,
  isCreating,
  mayLackTag,
  readRun,
  type Run,
} from "../../cluster/guests/marker.ts";
import { planDestroy } from "../destroy/plan_destroy.ts";
import { holds } from "../../cluster/rights.ts";
import { type Standing, standingOf } from "./run_standing.ts";
import type { Place } from "../../cluster/guests/where.ts";

/** A container that a create has not finished. */
export interface LeftContainer {
  readonly vmid: number;
  readonly node: string;
  readonly hostname?: string;
  readonly status: string;
  /** The run that has made it, where it is named. */
  readonly run?: Run;
  /**
   * True if that run has ended for certain or goes on, as far as can be seen from here; `unseen`
   * where the container could not be looked at.
   */
  readonly state: Standing["state"] | "unseen";
  /** Run that made it, in words. */
  readonly why: string;
  /** Way to remove it manually where pxrun cannot. */
  readonly remedy?: string;
  /** The state of its configuration when it was looked at. */
  readonly digest: string;
}

/** Leftovers of creates. */
export interface LeftContainers {
  /** Those that were not finished. */
  readonly unfinished: readonly LeftContainer[];
  /** Those that are kept because their provisioning failed. */
  readonly failed: readonly ContainerRow[];
  /** Targets that could not be inspected, and why. */
  readonly unseen: readonly string[];
}

/** Finds what creates have left, and what is known of the runs that did. Changes nothing. */
export async function leftContainers(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<LeftContainers> {
  const rest = withSignal(cluster.rest, signal);
  const [{ rows, problems }, permissions, policy] = await Promise.all([
    inventory(cluster, signal),
    access.permissions(rest),
    tagPolicy(rest),
  ]);
  const everywhere = mayLackTag(permissions, policy);
  const looked = rows
    .filter((row) => !isHidden(row))
    .filter(({ tags, lock }) => everywhere || tags.includes(CREATING_TAG) || lock === "create")
    .map((row) => look(cluster, row, permissions, signal).catch((error) => unseen(row, error)));
  return {
    unfinished: (await Promise.all(looked)).filter((one) => one !== undefined),
    failed: rows.filter(({ tags }) => tags.includes(FAILED_TAG)),
    unseen: [...new Set([...problems.values(), ...rows.flatMap(({ problem }) => problem ?? [])])]
      .map((problem) => `${problem}: what was left there is not seen`),
  };
}

async function look(
  cluster: Cluster,
  row: Pick<ContainerRow, "vmid" | "node" | "hostname" | "status">,
  permissions: access.Permissions,
  signal: AbortSignal | undefined,
): Promise<LeftContainer | undefined> {
  const { vmid, node, hostname, status } = row;
  const config = await configIfThere(withSignal(cluster.rest, signal), node, vmid);
  if (config === undefined) return undefined;
  const stub = config.lock === "create";
  if (!stub && !isCreating(config)) return undefined;
  const run = readRun(config.description);
  const standing = stub && run === undefined
    ? await ofStub(cluster, { vmid, node }, permissions, signal)
    : await standingOf(cluster, { vmid, node, config, run }, signal);
  if (standing === undefined) return undefined;
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

/** Facts about a container that is only locked for its create; undefined: it is being made. */
async function ofStub(
  cluster: Cluster,
  { vmid, node }: Place,
  permissions: access.Permissions,
  signal: AbortSignal | undefined,
): Promise<Pick<LeftContainer, "state" | "why" | "remedy"> | undefined> {
  const tasks = await listTasks(withSignal(cluster.rest, signal), node, { vmid, source: "active" });
  if (tasks.some(({ endtime }) => endtime === undefined)) return undefined;
  const all = holds(permissions, `/nodes/${node}`, "Sys.Audit");
  const why = all
    ? "a create that failed has left it locked (create)"
    : "it is locked (create): a create that failed has left it, or another login makes it";
  const remedy = `on ${node}, as root: pct unlock ${vmid} && pct destroy ${vmid}`;
  return { state: "unknown", why, remedy: all ? remedy : `if no task works on it, ${remedy}` };
}

/** A container that cannot be looked at must not hide what is left of the others. */
function unseen(row: ContainerRow, error: unknown): LeftContainer {
  if (!(error instanceof PxrunError) || error.code === "INTERRUPTED") throw error;
  const { vmid, node, hostname, status } = row;
  const why = `it cannot be looked at: ${error.message}`;
  const name = hostname !== undefined && { hostname };
  return { vmid, node, ...name, status, state: "unseen", why, digest: "" };
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
  limits: BatchLimits = {},
): AsyncGenerator<BatchEvent, void> {
  const run = (one: LeftContainer) => removeOne(cluster, one, limits.signal);
  return runBatch(cluster.platform.clock, left, run, limits);
}

async function* removeOne(
  cluster: Cluster,
  left: LeftContainer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Event, void> {
  const { vmid, digest } = left;
  const permissions = await access.permissions(withSignal(cluster.rest, signal));
  // It may have been started or restored since.
  const now = await look(cluster, left, permissions, signal);
  const plan = now && now.state === "over" && now.digest === digest
    ? await planDestroy(cluster, left, { force: left.run?.protects, purge: true, signal })
    : undefined;
  if (plan?.digest !== digest) {
    throw new PxrunError("FAILED", `container ${vmid} was changed in the meantime`, {
      hint: "look for what is left once more",
      remedies: [{ kind: "cleanup" }],
    });
  }
  const at = cluster.platform.clock.now();
  for (const message of plan.leaves) yield { type: "warning", message, at };
  yield* destroyEvents(cluster, plan, { signal });
}
