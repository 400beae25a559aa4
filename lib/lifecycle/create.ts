import { commandLine } from "../core/argv.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { untilAborted } from "../core/until_aborted.ts";
import type { Cluster } from "../connect/cluster.ts";
import { TaskFailed } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import type { SshTransport } from "../ssh/transport.ts";
import { KEYS_PAGE } from "../tailscale/pages.ts";
import { type Address, addressesOf, waitForAddress } from "./address.ts";
import { downloadTemplate } from "./download.ts";
import type { Event } from "./event.ts";
import { lookAhead } from "./look_ahead.ts";
import { make } from "./make.ts";
import type { CreatePlan } from "./plan.ts";
import { waitsForAddress } from "./plan_steps.ts";
import { provision } from "./provision/engine.ts";
import { StepFailed } from "./provision/failure.ts";
import { type Shells, shellsFor } from "./provision/shells.ts";
import { consoleCommand, sshCommand } from "./reach.ts";
import { type Gids, makeGroups } from "./guest_groups.ts";
import { makeFolder } from "./host_folders.ts";
import { setRootOptions } from "./set_root_options.ts";
import type { TailscaleNode } from "./result.ts";
import { retryBusy } from "./retry_busy.ts";
import { markFailed, unmark } from "./set_marks.ts";
import { runStep, type StepOutcome } from "./step.ts";
import { type JoinKey, joinKey } from "./tailnet/join_key.ts";
import { leaveTailnet } from "./tailnet/leave.ts";
import { readOwnNode } from "./tailnet/own_node.ts";
import { begin, cancel, finish } from "./tasks.ts";
import { createUndo, type Undo } from "./undo.ts";
import { inPlaceEvents } from "./where.ts";

/** The id of the step that joins a tailnet. */
const TAILSCALE = "tailscale";
/** How long taking back may last altogether, in milliseconds. */
const UNDO_PATIENCE = 180_000;

/** How long taking the mark of an unfinished container away may last, in milliseconds. */
const UNMARK_PATIENCE = 30_000;

/** How a create is to be carried out. */
export interface CreateOptions {
  /** Ends it; what was made is then taken back. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the taking back, too: what is left is told, with what to type to be rid of it. */
  readonly leave?: AbortSignal | undefined;
  /**
   * Whether a container that runs already is kept when something goes wrong. Absent:
   * kept when a step inside it fails, removed when the run is interrupted.
   */
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/**
 * Carries out a plan. The last event is `created`; else nothing is left behind, unless a
 * step inside the container failed and it is kept (see {@linkcode CreateOptions}).
 *
 * @param cluster Where.
 * @param plan What, as `plan` made it.
 * @param options The signal that ends it, and what happens to a container that failed.
 * @returns What happens, as it happens.
 * @throws {PxrunError} Why it could not be finished, after cleaning up.
 *
 * @example Create a container and print its progress
 * ```ts
 * import { connect, create, denoWorld, parseRecipe, plan } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * const titles: string[] = [];
 * for await (const event of create(cluster, await plan(cluster, recipe))) {
 *   if (event.type === "step-done") titles.push(event.title);
 * }
 * assert.deepEqual(titles, ["create container", "start", "wait for an address"]);
 * ```
 */
export async function* create(
  cluster: Cluster,
  plan: CreatePlan,
  options: CreateOptions = {},
): AsyncGenerator<Event, void> {
  const undo = createUndo();
  try {
    for await (const event of carryOut(cluster, plan, undo, options)) {
      // Only what is temporary is left to take back then, and `created` comes last.
      if (event.type === "created") yield* takeBack(cluster, undo, options.leave);
      yield event;
    }
  } catch (error) {
    yield* takeBack(cluster, undo, options.leave);
    throw error;
  } finally {
    // Somebody who stopped listening wants the same as somebody who pressed Ctrl-C.
    for await (const _ of takeBack(cluster, undo, options.leave));
  }
}

async function* carryOut(
  cluster: Cluster,
  plan: CreatePlan,
  undo: Undo,
  { signal, leave, onFailure }: CreateOptions,
): AsyncGenerator<Event, void> {
  const { clock } = cluster.world;
  const { container } = plan.recipe;
  const { node } = plan.placement;
  const since = clock.now();
  const durations: Record<string, number> = {};
  const step = <T>(id: string, title: string, run: () => Promise<StepOutcome<T>>) =>
    runStep(clock, { id, title }, run, durations);

  if (plan.placement.template.download) {
    const { file } = plan.placement.template.download;
    yield* step(
      "download",
      `download ${file}`,
      () => downloadTemplate(cluster, plan, undo, signal),
    );
  }
  const key = joinKey(cluster, plan.recipe);
  if (plan.makesKey) {
    yield* step("tailscale-key", "make a key for the tailnet", async () => {
      signal?.throwIfAborted();
      const revoke = (patience: AbortSignal): Promise<void> => key.revoke(patience);
      undo.add("revoke the key for the tailnet", revoke, { temporary: true, byHand: KEYS_PAGE });
      await key.make();
      return { value: undefined };
    });
  }
  for (const folder of plan.folders) {
    yield* step("folder", `make ${folder.path}`, async () => {
      const onNode = (until?: AbortSignal): Promise<SshTransport> => cluster.ssh(node, until);
      await makeFolder(onNode, folder, container.unprivileged, undo, signal);
      return { value: undefined };
    });
  }
  const vmid = yield* step("create", `create container`, async () => {
    const made = await make(cluster, plan, undo, signal);
    return { value: made.vmid, detail: `${made.vmid} on ${node}`, warnings: made.warnings };
  });
  let groups: Gids = new Map();
  if (plan.rootOptions.length > 0) {
    const names = plan.rootOptions.map(({ name }) => name).join(", ");
    const setting = step("options", `set ${names}`, async () => {
      return { value: await setRootOptions(cluster, plan, vmid, undo, signal) };
    });
    groups = yield* inPlaceEvents(cluster, { node, vmid }, setting);
  }
  let settled: Settled = { addresses: [] };
  let ahead = plan.start ? undefined : lookAhead(cluster, plan, vmid);
  if (plan.start) {
    const starting = step("start", "start", async () => {
      signal?.throwIfAborted();
      return await retryBusy(clock, async () => {
        const upid = await begin(
          cluster,
          { node, vmid, type: "vzstart" },
          (rest) => lxc.start(rest, node, vmid),
        );
        // A start that still runs holds the container's lock, so that it cannot be removed.
        const started = undo.add("stop the start", async (patience) => {
          await cancel(cluster, upid, patience);
        });
        const warnings = await finish(cluster, upid, signal).catch((error) => {
          if (error instanceof TaskFailed) started();
          throw error;
        });
        started();
        return { value: undefined, warnings };
      }, signal);
    });
    yield* inPlaceEvents(cluster, { node, vmid }, starting);
    if (groups.size > 0) {
      yield* step("groups", `make ${[...groups.keys()].join(", ")} inside`, async () => {
        await makeGroups(cluster, { node, vmid }, groups, signal);
        return { value: undefined };
      });
    }
    ahead = lookAhead(cluster, plan, vmid);
    settled = yield* settle(cluster, plan, vmid, { undo, durations, signal, onFailure, key });
  }
  const { addresses, tailscale } = settled;
  undo.forget();
  const ssh = sshCommand(addresses[0]?.address);
  const patience = AbortSignal.timeout(UNMARK_PATIENCE);
  const end = leave ? AbortSignal.any([patience, leave]) : patience;
  const options = { seen: ahead?.seen, signal: end };
  const [terminal, ...warnings] = await Promise.all([
    consoleCommand(cluster, node, vmid),
    plan.mark === "none" ? undefined : unmark(cluster, { node, vmid }, options),
    ahead?.twin,
  ]);
  for (const message of warnings) {
    if (message !== undefined) yield { type: "warning", message, at: clock.now() };
  }
  yield {
    type: "created",
    at: clock.now(),
    result: {
      vmid,
      node,
      hostname: container.hostname,
      status: plan.start ? "running" : "stopped",
      addresses: addresses.map(({ address }) => address),
      ...(ssh && { ssh }),
      ...(terminal && { console: terminal }),
      ...(tailscale && { tailscale }),
      durations: { ...durations, total: clock.now() - since },
    },
  };
}

/** What {@linkcode settle} shares with the steps before it. */
interface Settling extends CreateOptions {
  readonly undo: Undo;
  readonly durations: Record<string, number>;
  readonly key: JoinKey;
}

/** What there is after the first start. */
interface Settled {
  readonly addresses: readonly Address[];
  readonly tailscale?: TailscaleNode | undefined;
}

/**
 * Everything after the first start: waits for the address and provisions. A
 * failure here keeps the container and marks it, unless the caller wants otherwise.
 */
async function* settle(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  options: Settling,
): AsyncGenerator<Event, Settled> {
  const { undo, signal, onFailure } = options;
  try {
    using shells = await prepareShells(cluster, plan, vmid, signal);
    const place = { node: plan.placement.node, vmid };
    const waiting = awaitAddress(cluster, plan, vmid, options);
    const addresses = yield* inPlaceEvents(cluster, place, waiting);
    const provisioning = provisionInside(cluster, plan, vmid, options, shells);
    return { addresses, tailscale: yield* inPlaceEvents(cluster, place, provisioning) };
  } catch (error) {
    const keep = signal?.aborted ? onFailure === "keep" : onFailure !== "destroy";
    if (!keep) throw removed(error);
    undo.forget();
    const warning = await markFailed(cluster, { node: plan.placement.node, vmid });
    if (warning) yield { type: "warning", message: warning, at: cluster.world.clock.now() };
    throw kept(error, plan, vmid);
  }
}

/** So that the way in takes no time any more once there is an address. */
async function prepareShells(
  cluster: Cluster,
  { placement: { node }, provision: steps }: CreatePlan,
  vmid: number,
  signal: AbortSignal | undefined,
): Promise<Shells | undefined> {
  if (steps.length === 0) return undefined;
  const sudo = (await cluster.route(node)).user !== "root";
  return shellsFor(await cluster.ssh(node, signal), vmid, sudo, steps.length);
}

async function* awaitAddress(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  { durations, signal }: Settling,
): AsyncGenerator<Event, readonly Address[]> {
  const { node } = plan.placement;
  const { network } = plan.recipe.container;
  if (!waitsForAddress(plan.recipe)) return await addressesOf(cluster, node, vmid, signal);
  return yield* runStep(
    cluster.world.clock,
    { id: "address", title: "wait for an address" },
    async () => {
      const value = await waitForAddress(cluster, { node, vmid }, network, signal);
      return { value, detail: value.map(({ address }) => address).join(" ") };
    },
    durations,
  );
}

async function* provisionInside(
  cluster: Cluster,
  plan: CreatePlan,
  vmid: number,
  { durations, signal, undo, key }: Settling,
  shells: Shells | undefined,
): AsyncGenerator<Event, TailscaleNode | undefined> {
  if (plan.provision.length === 0) return undefined;
  const { node } = plan.placement;
  const { user } = await cluster.route(node);
  const ssh = await cluster.ssh(node, signal);
  const inside = { clock: cluster.world.clock, signal, sudo: user !== "root" };
  const events = provision({
    ...inside,
    ssh,
    vmid,
    steps: plan.provision,
    shells,
    complete: (step) => key.complete(step),
  });
  let joins = false;
  for await (const event of events) {
    if (event.type === "step-done") durations[event.step] = event.ms;
    if (event.type === "step-started" && event.step === TAILSCALE) {
      joins = true;
      undo.add(
        "take it out of the tailnet",
        async (patience) => {
          // The first connection may be what was lost.
          const again = await cluster.ssh(node, patience);
          await leaveTailnet(cluster, again, vmid, { ...inside, signal: patience });
        },
      );
    }
    yield event;
  }
  const own = joins ? await readOwnNode(ssh, vmid, inside) : undefined;
  return own && { name: own.name, addresses: own.addresses };
}

/** The same error, with what is left and how to go on. */
function kept(error: unknown, plan: CreatePlan, vmid: number): unknown {
  if (!(error instanceof PxrunError)) return error;
  const { container, origin } = plan.recipe;
  // Standard input cannot be read a second time.
  const file = origin === undefined || origin.file === "stdin" ? "RECIPE" : origin.file;
  const again = commandLine(["pxrun", "provision", String(vmid), file]);
  return new PxrunError(error.code, `${container.hostname} (${vmid}) is kept: ${error.message}`, {
    cause: error,
    hint: `go on with ${again}; or look inside and remove it: pxrun destroy ${vmid}; ` +
      "--on-failure destroy removes it at once",
  });
}

/** The same error where nothing is kept that could be provisioned again. */
function removed(error: unknown): unknown {
  if (!(error instanceof StepFailed)) return error;
  return new PxrunError(error.code, error.message, {
    cause: error,
    hint: "mend the cause and create it again; without --on-failure destroy it is kept to look at",
  });
}

/** Takes back in reverse what was done. A step that cannot be taken back is told, and the rest goes on. */
async function* takeBack(
  cluster: Cluster,
  undo: Undo,
  leave: AbortSignal | undefined,
): AsyncGenerator<Event, void> {
  const patience = AbortSignal.timeout(UNDO_PATIENCE);
  const signal = leave ? AbortSignal.any([patience, leave]) : patience;
  for (let step = undo.next(); step !== undefined; step = undo.next()) {
    const { title, act, withdraw, byHand } = step;
    try {
      leave?.throwIfAborted();
      yield* runStep(cluster.world.clock, { id: "undo", title }, async () => {
        // Tried once, whatever comes of it; but not before it has begun.
        withdraw();
        await untilAborted(act(signal), leave);
        return { value: undefined };
      });
    } catch (error) {
      withdraw();
      const why = leave?.aborted ? "" : `: ${messageOf(error)}`;
      const way = byHand === undefined ? "" : `; later: ${byHand}`;
      const message = `could not ${title}${why}${way}`;
      yield { type: "warning", message, at: cluster.world.clock.now() };
    }
  }
}
