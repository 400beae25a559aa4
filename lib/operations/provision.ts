import { assertWrites, type Cluster } from "../cluster/cluster.ts";
import { messageOf } from "../core/errors.ts";
import { type Operation, startOperation } from "../core/operation.ts";
import * as lxc from "../proxmox/api/nodes/lxc.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import type { SshTransport } from "../ssh/client/transport.ts";
import { KEYS_PAGE } from "../tailscale/pages.ts";
import type { Event } from "../run/event.ts";
import type { Provisioned, TailscaleNode } from "../run/result.ts";
import { find, type Found } from "../cluster/guests/find.ts";
import { readLocalFiles } from "./inspect/local_files.ts";
import { stepInputs } from "../plan/step_inputs.ts";
import { hasProvisioning } from "../plan/needs.ts";
import { lookBySsh } from "./create/prepare.ts";
import { PlanRejected } from "../plan/problem.ts";
import type { PlanProblem } from "../core/problem.ts";
import { buildSteps } from "../provision/build.ts";
import { provision as runSteps } from "../provision/engine.ts";
import type { Step } from "../provision/step.ts";
import { enterable } from "../cluster/guests/reach.ts";
import { assertNamed, neverRuns } from "../cluster/guests/still_is.ts";
import { bindNode } from "../actions/tailnet/bind.ts";
import { type JoinKey, joinKey } from "../actions/tailnet/join_key.ts";
import { birthOf, sameInside, type Target } from "../cluster/changes/same_guest.ts";
import { unmark } from "../cluster/guests/marker.ts";
import { seeOwnNode } from "../actions/tailnet/own_node.ts";
import { whileItRuns } from "../cluster/guests/while_it_runs.ts";

/**
 * Options for ending the provisioning of a container.
 *
 * @category Changes
 */
export interface ProvisionOptions {
  /** Ends what runs in the container. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Plan for the inside of an existing container; nothing of it was done yet.
 *
 * @category Plans
 */
export interface ProvisionPlan extends Found {
  /** Identity that tells the container from another one that has its VMID later. */
  readonly birth: string;
  readonly recipe: Recipe;
  /** In the order in which they are to run. */
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
}

/**
 * Looks at a container and at what a recipe wants inside it. Changes nothing. What the recipe
 * says about the container itself does not matter.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param recipe The recipe.
 * @param options The signal that ends it.
 * @returns What `provision` takes.
 * @throws {PlanRejected} With every reason why it cannot be done, at once.
 * @throws {PxrunError} NOT_FOUND when there is no such container, USAGE when there are several.
 *
 * @example A container that does not run
 * ```ts
 * import * as pxrun from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...pxrun.denoPlatform(), env: simulator.env() };
 * await using cluster = await pxrun.connect(platform);
 * const recipe = await pxrun.loadRecipe(platform, "examples/minimal.yaml");
 * const stopped = await pxrun.plan(cluster, recipe, { start: false });
 * await pxrun.create(cluster, stopped);
 * await assert.rejects(pxrun.planProvision(cluster, stopped.vmid, recipe), /does not run/);
 * ```
 *
 * @category Plans
 */
export async function planProvision(
  cluster: Cluster,
  ct: string | number,
  recipe: Recipe,
  options: ProvisionOptions = {},
): Promise<ProvisionPlan> {
  const { signal } = options;
  const [found, files] = await Promise.all([
    find(cluster, String(ct), signal),
    readLocalFiles(recipe, cluster.platform, signal),
  ]);
  const { vmid, node, hostname } = found;
  // Its node is bound to the container by a line of the description.
  if (recipe.provisioning.tailscale) assertWrites(cluster, "join a container to a tailnet");
  const rest = withSignal(cluster.rest, signal);
  const [config, { status }] = await Promise.all([
    lxc.config(rest, node, vmid),
    lxc.current(rest, node, vmid),
  ]);
  assertNamed(found, config);
  const local = stepInputs(recipe, files);
  const problems: PlanProblem[] = [...local.problems];
  if (config.template) {
    problems.push(neverRuns(found));
  } else if (status !== "running") {
    problems.push({
      code: "FAILED",
      message: `container ${vmid} does not run`,
      hint: `start it first: pct start ${vmid} on ${node}`,
    });
  } else if (hasProvisioning(recipe)) {
    const { problem } = await lookBySsh(cluster, node, [], signal);
    if (problem) problems.push(problem);
  }
  if (problems.length > 0) throw new PlanRejected(`provision ${ct}`, problems, recipe);
  const wanted = recipe.container.hostname;
  return {
    ...found,
    birth: birthOf(config),
    recipe,
    steps: await buildSteps(recipe.provisioning, local.inputs),
    warnings: hostname === wanted
      ? []
      : [`the recipe is that of ${wanted}, and container ${vmid} is called ${hostname}`],
  };
}

/**
 * Starts to provision a container as its recipe says: each step checks first whether there is
 * anything to do. Only scripts have no such check, and run every time.
 *
 * @param cluster The cluster.
 * @param plan The plan, as `planProvision` made it.
 * @param options The signal that ends it.
 * @returns The running provisioning: await it for the result, or iterate over its events, the
 * last of which is `provisioned`.
 * @throws {PxrunError} The reason why a step failed; what was done before stays.
 *
 * @example The second time nothing has to be done
 * ```ts
 * import * as pxrun from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...pxrun.denoPlatform(), env: simulator.env() };
 * await using cluster = await pxrun.connect(platform);
 * const recipe = pxrun.parseRecipe(
 *   "container: { hostname: a, template: debian-13 }\n" +
 *     "provisioning: { files: [{ path: /etc/motd, content: hello }] }\n",
 *   { file: "a.yaml", env: {} },
 * );
 * await pxrun.create(cluster, await pxrun.plan(cluster, recipe), { recipe });
 * const again = await pxrun.planProvision(cluster, "a", recipe);
 * const { changed } = await pxrun.provision(cluster, again);
 * assert.deepEqual(changed, []);
 * ```
 *
 * @category Changes
 */
export function provision(
  cluster: Cluster,
  plan: ProvisionPlan,
  options: ProvisionOptions = {},
): Operation<Provisioned, Event> {
  return startOperation(
    (signal) => provisionEvents(cluster, plan, { signal }),
    { what: `the provisioning of ${plan.hostname ?? plan.vmid}`, signal: options.signal },
  );
}

/** The events of a provisioning, which runs as they are taken. */
export async function* provisionEvents(
  cluster: Cluster,
  plan: ProvisionPlan,
  options: ProvisionOptions = {},
): AsyncGenerator<Event, Provisioned, undefined> {
  const { signal } = options;
  const { vmid, node, hostname, steps, recipe, birth } = plan;
  const target: Target = { vmid, node, signal, is: (config) => birthOf(config) === birth };
  const { clock } = cluster.platform;
  const since = clock.now();
  const changed: string[] = [];
  const unchanged: string[] = [];
  const failed: string[] = [];
  const notes: Record<string, readonly string[]> = {};
  const key = joinKey(cluster, recipe, hostname);
  let own: TailscaleNode | undefined;
  if (steps.length > 0) {
    const { ssh, sudo } = await enterable(cluster, plan, signal);
    const inside = { clock, signal, sudo, same: sameInside(cluster, target, birth) };
    const complete = (step: Step): Promise<Step> => key.complete(step);
    const reopen = (): Promise<SshTransport> => cluster.ssh(node, signal);
    try {
      const events = runSteps({ ...inside, ssh, vmid, steps, complete, reopen });
      for await (const event of whileItRuns(cluster, target, events)) {
        if (event.type === "step-done" && event.notes) notes[event.step] = event.notes;
        if (event.type === "step-done") (event.changed ? changed : unchanged).push(event.step);
        if (event.type === "step-failed") failed.push(event.step);
        yield event;
        if (event.type === "step-done" && event.step === "tailscale" && event.changed) {
          yield* bindNode(cluster, target, key, reopen, inside);
        }
      }
      yield* revokeKey(cluster, key);
    } catch (error) {
      yield* revokeKey(cluster, key);
      throw error;
    } finally {
      // For somebody who stopped listening; what was tried before is not tried again.
      await key.revoke().catch(() => {});
    }
    if (recipe.provisioning.tailscale) {
      own = await seeOwnNode(reopen, vmid, inside);
    }
  }
  const tailscale = own && { tailscale: { name: own.name, addresses: own.addresses } };
  // A create that failed before its end has not protected it.
  const { protection: protect } = recipe.container;
  const warning = await unmark(cluster, target, { signal, protect });
  if (warning) yield { type: "warning", message: warning, at: clock.now() };
  const said = Object.keys(notes).length > 0 && { notes };
  const ms = clock.now() - since;
  const named = hostname !== undefined && { hostname };
  const result = { vmid, node, ...named, changed, unchanged, failed, ...said, ...tailscale, ms };
  yield { type: "provisioned", at: clock.now(), result };
  return result;
}

/** It works once and for an hour: that it stays that long is no reason to fail. */
async function* revokeKey({ platform }: Cluster, key: JoinKey): AsyncGenerator<Event, void> {
  try {
    await key.revoke();
  } catch (error) {
    const message = `could not revoke the key for the tailnet: ${messageOf(error)}; ` +
      `later: ${KEYS_PAGE}`;
    yield { type: "warning", message, at: platform.clock.now() };
  }
}
