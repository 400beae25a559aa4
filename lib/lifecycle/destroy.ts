import type { Cluster } from "../connect/cluster.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { TaskFailed, Unreachable } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import type { Event } from "./event.ts";
import { find, type Found } from "./find.ts";
import { configIfThere } from "./guest_config.ts";
import { readRun } from "./marks.ts";
import type { PlanStep } from "./plan_steps.ts";
import { type PlanProblem, PlanRefused } from "./problem.ts";
import { retryBusy } from "./retry_busy.ts";
import { runStep } from "./step.ts";
import { deleteDevice, devicePath } from "../tailscale/devices.ts";
import { API } from "../tailscale/client.ts";
import { MACHINES_PAGE } from "../tailscale/pages.ts";
import { tailnetClient } from "./tailnet/client.ts";
import { findTailnetNode, type TailnetNode } from "./tailnet/find_node.ts";
import { begin, finish } from "./tasks.ts";
import { moved, movedTo } from "./where.ts";

/** What may be removed. */
export interface DestroyOptions {
  /** Lift the protection of a protected container first. */
  readonly force?: boolean | undefined;
  /** Also from backup jobs, replication and high availability. */
  readonly purge?: boolean | undefined;
  /** Leave its node in the tailnet; else it is sought where the API of Tailscale may be asked. */
  readonly keepTailscaleNode?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Everything that a destroy will do; nothing in it was done yet. */
export interface DestroyPlan extends Found {
  readonly running: boolean;
  readonly protected: boolean;
  readonly purge: boolean;
  /** The state of its configuration when it was looked at. */
  readonly digest: string;
  /** The id of the run that makes it, where that has not finished. */
  readonly run?: string;
  /** Its node in a tailnet, which is removed with it. */
  readonly tailscale?: TailnetNode;
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly string[];
}

/**
 * Looks at the container that is meant and says how it would be removed.
 *
 * @param cluster Where.
 * @param ct A vmid or a hostname, or a container that was found already.
 * @param options What may be removed.
 * @returns What `destroy` takes.
 * @throws {PlanRefused} When it is protected, locked or managed by HA, all at once.
 * @throws {PxrunError} NOT_FOUND when there is none, USAGE when there are several.
 *
 * @example A name that nothing has
 * ```ts
 * import { connect, denoWorld, planDestroy } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * await assert.rejects(planDestroy(cluster, "nosuch"), { code: "NOT_FOUND" });
 * ```
 */
export async function planDestroy(
  cluster: Cluster,
  ct: string | Found,
  options: DestroyOptions = {},
): Promise<DestroyPlan> {
  const { force = false, purge = false, keepTailscaleNode = false, signal } = options;
  const found = typeof ct === "string" ? await find(cluster, ct, signal) : ct;
  const { vmid, node } = found;
  const rest = withSignal(cluster.rest, signal);
  const [config, current] = await Promise.all([
    lxc.config(rest, node, vmid),
    lxc.current(rest, node, vmid),
  ]);
  const problems: PlanProblem[] = [];
  if (config.protection && !force) {
    problems.push({
      code: "FAILED",
      message: `container ${vmid} is protected`,
      hint: "--force lifts the protection first",
    });
  }
  if (config.lock !== undefined) {
    problems.push({
      code: "LOCKED",
      message: `container ${vmid} is locked (${config.lock})`,
      hint: `wait for what holds it; if nothing does: pct unlock ${vmid} on ${node}`,
    });
  }
  if (current.haManaged && !purge) {
    problems.push({
      code: "FAILED",
      message: `container ${vmid} is managed by high availability`,
      hint: "--purge removes it there too",
    });
  }
  const hostname = config.hostname ?? found.hostname;
  if (problems.length > 0) throw new PlanRefused(`destroy ${hostname ?? vmid}`, problems);
  const running = current.status === "running";
  const run = readRun(config.description);
  const unfinished = run === undefined
    ? []
    : [`its create was not finished: process ${run.pid} on ${run.host} may be at it`];
  const inTailnet = keepTailscaleNode
    ? { warnings: [] }
    : await findTailnetNode(cluster, { vmid, node, hostname, running, config }, signal);
  return withTailnetNode({
    vmid,
    node,
    ...(hostname !== undefined && { hostname }),
    running,
    protected: config.protection,
    purge,
    digest: config.digest,
    ...(run && { run: run.id }),
    steps: destroySteps(node, vmid, { running, purge, protected: config.protection }),
    warnings: [...unfinished, ...inTailnet.warnings],
  }, inTailnet.node);
}

/**
 * The same plan with another node of a tailnet to be removed, or none.
 *
 * @param plan As `planDestroy` made it.
 * @param node The node; undefined: whatever is in the tailnet stays.
 * @returns What `destroy` takes.
 *
 * @example Leave the node where it is
 * ```ts
 * import { type DestroyPlan, withTailnetNode } from "@pxrun/pxrun";
 *
 * const keepNode = (plan: DestroyPlan): DestroyPlan => withTailnetNode(plan, undefined);
 * ```
 */
export function withTailnetNode(plan: DestroyPlan, node: TailnetNode | undefined): DestroyPlan {
  const { tailscale: _, steps, ...rest } = plan;
  const others = steps.filter(({ id }) => id !== "tailscale");
  if (node === undefined) return { ...rest, steps: others };
  const call = `DELETE ${API}${devicePath(node.id)}`;
  const title = `remove ${node.name} from the tailnet`;
  const step: PlanStep = { id: "tailscale", title, by: "API", call };
  return { ...rest, tailscale: node, steps: [...others, step] };
}

function destroySteps(
  node: string,
  vmid: number,
  state: { readonly running: boolean; readonly purge: boolean; readonly protected: boolean },
): PlanStep[] {
  const guest = `/nodes/${node}/lxc/${vmid}`;
  const flags = [state.running ? " force=1" : "", state.purge ? " purge=1" : ""].join("");
  const steps: PlanStep[] = [{
    id: "destroy",
    title: state.running ? `stop and destroy container ${vmid}` : `destroy container ${vmid}`,
    by: "API",
    call: `DELETE ${guest}${flags}`,
  }];
  if (state.protected) {
    steps.unshift({
      id: "unprotect",
      title: "lift the protection",
      by: "API",
      call: `PUT ${guest}/config protection=0`,
    });
  }
  return steps;
}

/**
 * Carries out a plan. Immediately before the DELETE the container is looked at
 * again: another one under the same vmid is left alone.
 *
 * @param cluster Where.
 * @param plan What, as `planDestroy` made it.
 * @param options The signal that ends it before the DELETE is sent.
 * @returns What happens; the last event is `destroyed`.
 * @throws {PxrunError} Why it could not be removed.
 *
 * @example Create and destroy
 * ```ts
 * import * as pxrun from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...pxrun.denoWorld(), env: simulator.env() };
 * await using cluster = await pxrun.connect(world);
 * const recipe = pxrun.parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * for await (const _ of pxrun.create(cluster, await pxrun.plan(cluster, recipe)));
 * for await (const _ of pxrun.destroy(cluster, await pxrun.planDestroy(cluster, "a")));
 * assert.deepEqual(await pxrun.list(cluster), []);
 * ```
 */
export async function* destroy(
  cluster: Cluster,
  plan: DestroyPlan,
  options: Pick<DestroyOptions, "signal"> = {},
): AsyncGenerator<Event, void> {
  const { clock } = cluster.world;
  const since = clock.now();
  const { vmid, node, hostname } = plan;
  let left: string | undefined;
  try {
    for (const step of plan.steps) {
      if (step.id === "tailscale") {
        left = yield* leave(cluster, plan, step, options.signal);
        continue;
      }
      yield* runStep(clock, step, async () => {
        const act = step.id === "unprotect" ? unprotect : remove;
        return { value: undefined, warnings: await act(cluster, plan, options.signal) };
      });
    }
  } catch (error) {
    const goesOn = error instanceof GoesOn;
    const protects = plan.protected && !goesOn;
    const warning = protects ? await protectAgain(cluster, plan) : undefined;
    if (warning) yield { type: "warning", message: warning, at: clock.now() };
    const stays = goesOn || error instanceof Unreachable ? plan.tailscale : undefined;
    if (stays) yield { type: "warning", message: nodeStays(stays), at: clock.now() };
    throw error;
  }
  const at = clock.now();
  const named = hostname === undefined ? {} : { hostname };
  const gone = left === undefined ? {} : { tailscale: left };
  yield { type: "destroyed", at, result: { vmid, node, ...named, ...gone, ms: at - since } };
}

/** The container is gone by then: that its node stays is no failure of the whole. */
async function* leave(
  cluster: Cluster,
  { tailscale }: DestroyPlan,
  step: PlanStep,
  signal: AbortSignal | undefined,
): AsyncGenerator<Event, string | undefined> {
  const client = tailnetClient(cluster);
  if (client === undefined || tailscale === undefined) return undefined;
  const { clock } = cluster.world;
  try {
    return yield* runStep(clock, step, async () => {
      await deleteDevice(client, tailscale.id, signal);
      return { value: tailscale.name };
    });
  } catch (error) {
    const message = nodeStays(tailscale, `: ${messageOf(error)}`);
    yield { type: "warning", message, at: clock.now() };
    return undefined;
  }
}

function nodeStays({ name }: TailnetNode, why = ""): string {
  return `${name} stays in the tailnet${why}; later: ${MACHINES_PAGE}`;
}

async function unprotect(
  cluster: Cluster,
  { vmid, node, digest }: DestroyPlan,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  signal?.throwIfAborted();
  await lxc.updateConfig(cluster.rest, node, vmid, { protection: false, digest });
  return [];
}

/** Takes back {@linkcode unprotect}; says so when that does not work. */
async function protectAgain(
  cluster: Cluster,
  { vmid, node }: DestroyPlan,
): Promise<string | undefined> {
  try {
    const config = await configIfThere(cluster.rest, node, vmid);
    if (config?.protection === false) {
      await lxc.updateConfig(cluster.rest, node, vmid, { protection: true });
    }
    return undefined;
  } catch (error) {
    return `container ${vmid} may have lost its protection: ${messageOf(error)}`;
  }
}

async function remove(
  cluster: Cluster,
  plan: DestroyPlan,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { vmid, node } = plan;
  const config = await configIfThere(withSignal(cluster.rest, signal), node, vmid);
  if (config === undefined) return await alreadyGone(cluster, plan);
  // Lifting the protection has changed the digest; the name and the run must be the same.
  const same = config.hostname === plan.hostname && readRun(config.description)?.id === plan.run &&
    (plan.protected || config.digest === plan.digest);
  if (!same) {
    throw new PxrunError(
      "FAILED",
      `container ${vmid} was changed in the meantime: it is ${config.hostname ?? "nameless"} now`,
      { hint: "look at it with pxrun list, and run the command again if you still mean it" },
    );
  }
  signal?.throwIfAborted();
  return await retryBusy(cluster.world.clock, async () => {
    const upid = await begin(
      cluster,
      { node, vmid, type: "vzdestroy" },
      (rest) => lxc.destroy(rest, node, vmid, { force: plan.running, purge: plan.purge }),
    );
    return await finish(cluster, upid, signal).catch((error) => {
      throw error instanceof TaskFailed
        ? error
        : new GoesOn(vmid, upid, signal?.aborted ? undefined : error);
    });
  }, signal);
}

/** Somebody else was quicker; unless it has only moved to another node. */
async function alreadyGone(
  cluster: Cluster,
  { vmid, node }: DestroyPlan,
): Promise<readonly string[]> {
  const elsewhere = await movedTo(cluster, { vmid, node });
  if (elsewhere === undefined) return [`container ${vmid} was gone already`];
  throw moved({ vmid, node }, elsewhere, "run the command again if you still mean it");
}

/** A destroy cannot be half undone: it is left to its node, and said so. */
class GoesOn extends PxrunError {
  override readonly name = "GoesOn";

  /** @param cause Why its end was not seen; absent: somebody did not want to wait. */
  constructor(vmid: number, upid: string, cause?: unknown) {
    const code = cause === undefined
      ? "INTERRUPTED"
      : cause instanceof PxrunError
      ? cause.code
      : "FAILED";
    const why = cause === undefined ? "interrupted" : messageOf(cause);
    super(code, `${why}: the destroy of ${vmid} goes on as ${upid}`, {
      hint: "pxrun list shows when it is gone",
      cause,
    });
  }
}
