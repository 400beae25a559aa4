import type { Cluster } from "../../cluster/cluster.ts";
import { commandLine } from "../../core/argv.ts";
import { messageOf, PxrunError } from "../../core/errors.ts";
import { type Operation, startOperation } from "../../core/operation.ts";
import { TaskFailed, Unreachable } from "../../proxmox/http/errors.ts";
import type { LxcConfig } from "../../proxmox/api/nodes/lxc.ts";
import { deleteDevice } from "../../tailscale/devices.ts";
import { MACHINES_PAGE } from "../../tailscale/pages.ts";
import type { Event } from "../../run/event.ts";
import type { DestroyOptions, DestroyPlan } from "./plan_destroy.ts";
import type { PlanStep } from "../../plan/plan_steps.ts";
import type { Destroyed } from "../../run/result.ts";
import {
  asChanged,
  asSeen,
  birthOf,
  destroyGuest,
  Gone,
  type Meant,
  OtherGuest,
  type Target,
  Unseen,
  updateGuest,
} from "../../cluster/changes/same_guest.ts";
import { runStep } from "../../run/step.ts";
import { tailnetClient } from "../tailnet/client.ts";
import type { TailnetNode } from "../tailnet/find_node.ts";
import { finish } from "../../proxmox/task.ts";

/**
 * Starts to carry out a plan. Immediately before each call the container is read again: one that
 * was changed, or another one under the same vmid, is left alone.
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

/** The events of a destroy, which runs as they are taken. */
export async function* destroyEvents(
  cluster: Cluster,
  plan: DestroyPlan,
  options: Pick<DestroyOptions, "signal"> = {},
): AsyncGenerator<Event, Destroyed, undefined> {
  const { clock } = cluster.world;
  const since = clock.now();
  const { vmid, node, hostname } = plan;
  const doomed: Doomed = { plan, signal: options.signal, is: asSeen(plan.digest) };
  let left: string | undefined;
  try {
    for (const step of plan.steps) {
      if (step.id === "tailscale") {
        left = yield* leave(cluster, plan, step, options.signal);
        continue;
      }
      yield* runStep(clock, step, async () => {
        const act = step.id === "unprotect" ? unprotect : remove;
        return { value: undefined, warnings: await act(cluster, doomed) };
      });
    }
  } catch (error) {
    const goesOn = error instanceof GoesOn;
    const warning = goesOn ? undefined : await protectAgain(cluster, doomed);
    if (warning) yield { type: "warning", message: warning, at: clock.now() };
    const unsure = goesOn || error instanceof Unreachable || error instanceof OtherGuest;
    const stays = unsure ? plan.tailscale : undefined;
    if (stays) yield { type: "warning", message: nodeStays(stays), at: clock.now() };
    throw error instanceof Unseen ? notDestroyed(error) : error;
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

/** The cluster does answer; that one node does not is a failure like others. */
function notDestroyed(error: Unseen): PxrunError {
  return new PxrunError("FAILED", error.message, { hint: error.hint, cause: error });
}

function nodeStays({ name }: TailnetNode, why = ""): string {
  return `${name} stays in the tailnet${why}; later: ${MACHINES_PAGE}`;
}

/** A container and what tells it from others by now: lifting its protection has changed it. */
interface Doomed {
  readonly plan: DestroyPlan;
  readonly signal: AbortSignal | undefined;
  is: Meant;
  /** Its configuration as it was before its protection was lifted. */
  before?: LxcConfig;
}

function targetOf(doomed: Doomed): Target {
  const { plan: { vmid, node }, signal } = doomed;
  return { vmid, node, signal, is: (config) => doomed.is(config) };
}

async function unprotect(cluster: Cluster, doomed: Doomed): Promise<readonly string[]> {
  try {
    await updateGuest(cluster, targetOf(doomed), (config) => {
      doomed.before ??= config;
      // Also when the reply is lost: then it is read again, with or without the change.
      doomed.is = asChanged(doomed.before, "protection");
      return config.protection ? { protection: false } : undefined;
    });
  } catch (error) {
    // The next step says so.
    if (!(error instanceof Gone)) throw error;
  }
  return [];
}

/** Undoes {@linkcode unprotect}; says so when that does not work. */
async function protectAgain(
  cluster: Cluster,
  { plan, before }: Doomed,
): Promise<string | undefined> {
  if (before === undefined) return undefined;
  const { vmid, node } = plan;
  try {
    // Also one that another client has changed since: that is why it could not be destroyed.
    const is: Meant = (config) => birthOf(config) === birthOf(before);
    await updateGuest(cluster, { vmid, node, is }, (config) => {
      return config.protection ? undefined : { protection: true };
    });
    return undefined;
  } catch (error) {
    if (error instanceof Gone || error instanceof OtherGuest) return undefined;
    return `container ${vmid} may have lost its protection: ${messageOf(error)}; ` +
      `on ${node}: pct set ${vmid} --protection 1`;
  }
}

async function remove(cluster: Cluster, doomed: Doomed): Promise<readonly string[]> {
  const { plan: { vmid, running, purge }, signal } = doomed;
  const how = { force: running, purge };
  const destroyed = await destroyGuest(cluster, targetOf(doomed), how, async (upid) => {
    return await finish(cluster, upid, signal).catch((error) => {
      throw error instanceof TaskFailed
        ? error
        : new GoesOn(vmid, upid, signal?.aborted ? undefined : error);
    });
  });
  return destroyed?.value ?? [`container ${vmid} was gone already`];
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
      hint: `wait for its end with ${commandLine(["pxrun", "wait", upid])}`,
      cause,
    });
  }
}
