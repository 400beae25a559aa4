import { PxrunError } from "../../core/errors.ts";
import { MACHINES_PAGE } from "../../tailscale/pages.ts";
import { type Address, addressesOf, waitForAddress } from "../../cluster/guests/address.ts";
import type { Event } from "../../run/event.ts";
import { ContainerKept } from "./kept.ts";
import { waitsForAddress } from "../../plan/plan_steps.ts";
import { provision } from "../../provision/engine.ts";
import { Unfinished } from "../../provision/failure.ts";
import { type Shells, shellsAhead } from "../../guest/resilient_session.ts";
import { enterable, openSame, type Reached } from "../../cluster/guests/reach.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import type { TailscaleNode } from "../../run/result.ts";
import { assertSame, OtherGuest } from "../../cluster/changes/same_guest.ts";
import { markFailed } from "../../cluster/guests/set_marks.ts";
import { bindNode } from "../tailnet/bind.ts";
import { leaveTailnet } from "../tailnet/leave.ts";
import { seeOwnNode } from "../tailnet/own_node.ts";
import { RunsNoMore, whileItRuns } from "../../cluster/guests/while_it_runs.ts";
import {
  type CreateOptions,
  createStep,
  type Creating,
  ownTarget,
  type Settled,
} from "./creating.ts";
import { userWithKey } from "./shells_to_copy.ts";
import { hasSshServer } from "./ssh_server.ts";
import { protect } from "./protect.ts";

/** The id of the step that joins a tailnet. */
const TAILSCALE = "tailscale";

/** What it means that a container which is kept could not be marked as such. */
const UNFINISHED = "pxrun cleanup takes it for one to remove until pxrun provision has succeeded";

/**
 * Everything after the first start: waits for the address and provisions. A
 * failure here keeps the container and marks it, unless the caller wants otherwise.
 */
export async function* afterStart(
  creating: Creating,
  vmid: number,
  { onFailure, leave }: Pick<CreateOptions, "onFailure" | "leave">,
): AsyncGenerator<Event, Settled> {
  const { cluster, plan, undo, signal } = creating;
  try {
    return yield* whileItRuns(cluster, ownTarget(creating), settle(creating, vmid));
  } catch (error) {
    // Nothing is kept of one that was destroyed or replaced; what was made beside it goes.
    const lost = error instanceof OtherGuest || error instanceof RunsNoMore && !error.exists;
    if (lost) throw error;
    const keep = signal?.aborted ? onFailure === "keep" : onFailure !== "destroy";
    if (!keep) throw removed(error);
    const unmarked = await markFailed(cluster, ownTarget(creating), leave);
    undo.forget();
    if (unmarked) {
      // It still has the mark of its create, unless it could never have one.
      const meaning = plan.mark === "none" ? "" : `; ${UNFINISHED}`;
      yield { type: "warning", message: unmarked + meaning, at: cluster.world.clock.now() };
    }
    throw error instanceof PxrunError ? new ContainerKept(error, plan, vmid) : error;
  }
}

async function* settle(creating: Creating, vmid: number): AsyncGenerator<Event, Settled> {
  const way = await prepareWay(creating, vmid);
  using _unused = way?.shells;
  const addresses = yield* awaitAddress(creating, vmid);
  if (way !== undefined) await assertSame(creating.cluster, ownTarget(creating));
  const tailscale = yield* provisionInside(creating, vmid, way);
  const sshUser = await findSshUser(creating, vmid, way);
  yield* protect(creating);
  return { addresses, tailscale, sshUser };
}

/** The way into the container. */
interface Way extends Pick<Reached, "ssh" | "sudo"> {
  readonly shells: Shells;
}

/** So that the way in takes no time any more once there is an address. */
async function prepareWay(
  { cluster, plan, signal }: Creating,
  vmid: number,
): Promise<Way | undefined> {
  const { placement: { node }, provision: steps } = plan;
  if (steps.length === 0) return undefined;
  const { ssh, sudo } = await enterable(cluster, { node, vmid }, signal);
  const shells = shellsAhead(ssh, vmid, sudo);
  // For the checks and the first scripts; the first step mostly is a wait that ends soon.
  shells.prepare(1 + Math.min(2, steps.length));
  return { ssh, sudo, shells };
}

async function* awaitAddress(
  creating: Creating,
  vmid: number,
): AsyncGenerator<Event, readonly Address[]> {
  const { cluster, plan: { recipe, placement: { node } }, signal } = creating;
  if (!waitsForAddress(recipe)) return await addressesOf(cluster, node, vmid, signal);
  return yield* createStep(creating, "address", "wait for an address", async () => {
    const { network } = recipe.container;
    const value = await waitForAddress(cluster, ownTarget(creating), network, signal);
    return { value, detail: value.map(({ address }) => address).join(" ") };
  });
}

async function* provisionInside(
  creating: Creating,
  vmid: number,
  way: Way | undefined,
): AsyncGenerator<Event, TailscaleNode | undefined> {
  const { cluster, plan, notes, durations, signal, undo, key } = creating;
  if (way === undefined) return undefined;
  const target = ownTarget(creating);
  const inside = { clock: cluster.world.clock, signal, sudo: way.sudo };
  const events = provision({
    ...inside,
    // It may be lost by now, which then is as if that had been in the first step.
    ...way,
    vmid,
    steps: plan.provision,
    reopen: (signal) => openSame(cluster, { ...target, signal }),
    assertSame: (signal) => assertSame(cluster, { ...target, signal }),
    complete: (step) => key.complete(step),
  });
  const open = (): Promise<SshTransport> => openSame(cluster, target);
  let joins = false;
  let bound: string | undefined;
  for await (const event of events) {
    if (event.type === "step-done") {
      durations[event.step] = event.ms;
      if (event.notes) notes[event.step] = event.notes;
    }
    if (event.type === "step-started" && event.step === TAILSCALE) {
      joins = true;
      undo.add("take it out of the tailnet", async (patience) => {
        const again = (): Promise<SshTransport> =>
          openSame(cluster, { ...target, follow: true, signal: patience });
        const options = { ...inside, signal: patience, bound };
        await leaveTailnet(cluster, again, vmid, key, options);
      }, { byHand: MACHINES_PAGE });
    }
    yield event;
    if (event.type === "step-done" && event.step === TAILSCALE && event.changed) {
      bound = yield* bindNode(cluster, target, key, open, inside);
    }
  }
  if (!joins) return undefined;
  const own = await seeOwnNode(open, vmid, inside);
  return own && { name: own.name, addresses: own.addresses };
}

/** Who got a key, where the container has an SSH server to use it with. */
async function findSshUser(
  creating: Creating,
  vmid: number,
  way: Way | undefined,
): Promise<string | undefined> {
  const { cluster, plan, signal } = creating;
  const user = userWithKey(plan.recipe);
  if (way === undefined || user === undefined) return undefined;
  const open = (): Promise<SshTransport> => openSame(cluster, ownTarget(creating));
  const options = { clock: cluster.world.clock, signal, sudo: way.sudo };
  return await hasSshServer(open, vmid, options) ? user : undefined;
}

/** The same error where nothing is kept that could be provisioned again. */
function removed(error: unknown): unknown {
  if (!(error instanceof Unfinished)) return error;
  return new PxrunError(error.code, error.message, {
    cause: error,
    hint: "fix the cause and create it again; without --on-failure destroy it is kept to look at",
  });
}
