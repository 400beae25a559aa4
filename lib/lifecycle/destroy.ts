import type { Cluster } from "../connect/cluster.ts";
import { commandLine } from "../core/argv.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { type Operation, startOperation } from "../core/operation.ts";
import { TaskFailed, Unreachable } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import { deleteDevice } from "../tailscale/devices.ts";
import { MACHINES_PAGE } from "../tailscale/pages.ts";
import type { Event } from "./event.ts";
import { configIfThere } from "./guest_config.ts";
import { readRun } from "./marks.ts";
import type { DestroyOptions, DestroyPlan } from "./plan_destroy.ts";
import type { PlanStep } from "./plan_steps.ts";
import type { Destroyed } from "./result.ts";
import { retryBusy } from "./retry_busy.ts";
import { runStep } from "./step.ts";
import { tailnetClient } from "./tailnet/client.ts";
import type { TailnetNode } from "./tailnet/find_node.ts";
import { begin, finish } from "./tasks.ts";
import { moved, movedTo } from "./where.ts";

/**
 * Starts to carry out a plan. Immediately before the DELETE the container is inspected
 * again: another one under the same vmid is left alone.
 *
 * @param cluster The cluster.
 * @param plan The plan, as `planDestroy` made it.
 * @param options The signal that ends it before the DELETE is sent.
 * @returns The running destroy: await it for the result, or iterate over its events, the last of
 * which is `destroyed`.
 * @throws {PxrunError} The reason why the container could not be destroyed.
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
 * await pxrun.create(cluster, await pxrun.plan(cluster, recipe));
 * await pxrun.destroy(cluster, await pxrun.planDestroy(cluster, "a"));
 * assert.deepEqual(await pxrun.list(cluster), []);
 * ```
 */
export function destroy(
  cluster: Cluster,
  plan: DestroyPlan,
  options: Pick<DestroyOptions, "signal"> = {},
): Operation<Destroyed, Event> {
  return startOperation(
    (signal) => destroyEvents(cluster, plan, { signal }),
    { what: `the destroy of ${plan.hostname ?? plan.vmid}`, signal: options.signal },
  );
}

/** The events of a destroy, which goes on as they are taken. */
export async function* destroyEvents(
  cluster: Cluster,
  plan: DestroyPlan,
  options: Pick<DestroyOptions, "signal"> = {},
): AsyncGenerator<Event, Destroyed, undefined> {
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
  const result = { vmid, node, ...named, ...gone, ms: at - since };
  yield { type: "destroyed", at, result };
  return result;
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
    return `container ${vmid} may have lost its protection: ${messageOf(error)}; ` +
      `on ${node}: pct set ${vmid} --protection 1`;
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
      hint: `wait for its end with ${commandLine(["pxrun", "resume", upid])}`,
      cause,
    });
  }
}
