import { type ActionContext, type Inside, targetOf } from "../../actions/context.ts";
import { openSession, recipeNeeded } from "../../actions/provision.ts";
import { type ContainerAction, moduleOf } from "../../actions/table.ts";
import { joinKey } from "../../actions/tailnet/join_key.ts";
import { OtherGuest } from "../../cluster/changes/same_guest.ts";
import { assertWrites, type Cluster } from "../../cluster/cluster.ts";
import { addressesOf } from "../../cluster/guests/address.ts";
import { markFailed } from "../../cluster/guests/marker.ts";
import { RunsNoMore, whileItRuns } from "../../cluster/guests/while_it_runs.ts";
import { PxrunError } from "../../core/errors.ts";
import { type Operation, startOperation } from "../../core/operation.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";
import { nameProblems } from "../../plan/namesakes.ts";
import { PlanRejected } from "../../plan/problem.ts";
import { stepInputs } from "../../plan/step_inputs.ts";
import { buildSteps } from "../../provision/build.ts";
import { Unfinished } from "../../provision/failure.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import type { Event } from "../../run/event.ts";
import type { Created } from "../../run/result.ts";
import { rollBack } from "../../run/roll_back.ts";
import { runActions } from "../../run/run_actions.ts";
import { createUndo } from "../../run/undo.ts";
import { readAsPlanned } from "../inspect/local_files.ts";
import type { CreateOptions } from "./create_options.ts";
import { finishCreate, prefetch, type Settled, settledInside } from "./finish.ts";
import { CreateIncomplete } from "./kept.ts";

/**
 * Starts to carry out a plan. If it fails or is cancelled nothing is left behind, unless a step
 * inside the container failed and the container is kept (see {@linkcode CreateOptions}).
 *
 * @param cluster The cluster.
 * @param plan The plan, as `plan` made it.
 * @param options The recipe, where the plan provisions; the signal that ends it; what happens to a
 * container whose provisioning failed.
 * @returns The running create: await it for the container, or iterate over its events, the last
 * of which is `created`.
 * @throws {PxrunError} The reason why it could not be finished, after cleaning up; USAGE when the
 * plan provisions and its recipe is not given.
 *
 * @example Create a container and watch its progress
 * ```ts
 * import { connect, create, denoPlatform, parseRecipe, plan } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * const titles: string[] = [];
 * const creating = create(cluster, await plan(cluster, recipe));
 * for await (const event of creating) {
 *   if (event.type === "step-done") titles.push(event.title);
 * }
 * assert.deepEqual(titles, ["created container 100 on pve01", "started", "address 10.77.0.100"]);
 * assert.equal((await creating).status, "running");
 * ```
 *
 * @category Changes
 */
export function create(
  cluster: Cluster,
  plan: CreatePlan,
  options: CreateOptions = {},
): Operation<Created, Event> {
  return startOperation(
    (signal) => createEvents(cluster, plan, { ...options, signal }),
    { what: `the create of ${plan.hostname}`, signal: options.signal },
  );
}

/** The events of a create, which runs as they are taken; the result is the container. */
export async function* createEvents(
  cluster: Cluster,
  plan: CreatePlan,
  options: CreateOptions = {},
): AsyncGenerator<Event, Created, undefined> {
  assertWrites(cluster, "create a container");
  const { recipe, signal, leave } = options;
  const { clock } = cluster.platform;
  const undo = createUndo();
  const inside = await insideOf(cluster, plan, recipe, signal);
  const names = plan.names && {
    ...plan.names,
    problem: (now: Parameters<typeof nameProblems>[1]) => nameProblems(named(plan), now)[0],
  };
  const context: ActionContext = {
    ...{ cluster, clock, signal, undo, inside, names },
    notes: {},
    durations: {},
  };
  try {
    const result = yield* carryOut(plan, context, options);
    // Only what is temporary remains to be undone.
    yield* rollBack(clock, undo, leave);
    yield { type: "created", result, at: clock.now() };
    return result;
  } catch (error) {
    yield* rollBack(clock, undo, leave);
    throw error;
  } finally {
    // A caller that stopped listening wants the same as one that pressed Ctrl-C.
    for await (const _ of rollBack(clock, undo, leave));
  }
}

/** Inputs of a plan's provisioning; undefined where there is none. */
async function insideOf(
  cluster: Cluster,
  { hostname, actions }: CreatePlan,
  recipe: Recipe | undefined,
  signal: AbortSignal | undefined,
): Promise<Inside | undefined> {
  const ids = actions.flatMap(({ kind, id }) => kind === "provision" ? [id] : []);
  if (ids.length === 0 && !actions.some(({ kind }) => kind === "make-join-key")) return undefined;
  if (recipe === undefined) throw recipeNeeded();
  const files = await readAsPlanned(recipe, cluster.platform, signal);
  const { inputs, problems } = stepInputs(recipe, files);
  if (problems.length > 0) throw new PlanRejected(`create ${hostname}`, problems, recipe);
  const built = await buildSteps(recipe.provisioning, inputs);
  const steps = new Map(built.map((step) => [step.id, step]));
  const unknown = ids.find((id) => !steps.has(id));
  if (unknown !== undefined) throw recipeNeeded(unknown);
  return { steps, key: joinKey(cluster, recipe) };
}

function named({ hostname, container: { vmid }, file }: CreatePlan): Parameters<
  typeof nameProblems
>[0] {
  return { container: { hostname, vmid }, origin: file === undefined ? undefined : { file } };
}

async function* carryOut(
  plan: CreatePlan,
  context: ActionContext,
  options: CreateOptions,
): AsyncGenerator<Event, Created, undefined> {
  const since = context.clock.now();
  const [before, after] = atFirstStart(plan.actions);
  yield* runActions(before, moduleOf, context);
  const ahead = prefetch(plan, context);
  let settled: Settled = { addresses: [] };
  if (plan.start) settled = yield* afterStart(plan, after, context, options);
  else yield* runActions(after, moduleOf, context);
  return yield* finishCreate(plan, context, { ...settled, ahead, since }, options);
}

/** Parts of a create before and after the container runs for the first time: from then on it can be kept. */
function atFirstStart(actions: readonly ContainerAction[]): [ContainerAction[], ContainerAction[]] {
  const last = actions.findLastIndex(({ kind }) =>
    kind === "start-container" || kind === "make-groups"
  );
  const end = last < 0 ? actions.findIndex(({ kind }) => kind === "protect-container") : last + 1;
  return end < 0 ? [[...actions], []] : [actions.slice(0, end), actions.slice(end)];
}

/**
 * Everything after the first start. A failure here keeps the container and marks it, unless the
 * caller wants otherwise.
 */
async function* afterStart(
  plan: CreatePlan,
  actions: readonly ContainerAction[],
  context: ActionContext,
  { recipe, onFailure, leave }: CreateOptions,
): AsyncGenerator<Event, Settled> {
  const { cluster, undo, signal } = context;
  try {
    const settling = settle(actions, context, recipe);
    return yield* whileItRuns(cluster, targetOf(context), settling);
  } catch (error) {
    // Nothing is kept of one that was destroyed or replaced; what was made beside it is removed.
    const lost = error instanceof OtherGuest || error instanceof RunsNoMore && !error.exists;
    if (lost) throw error;
    const keep = signal?.aborted ? onFailure === "keep" : onFailure !== "destroy";
    if (!keep) throw removed(error);
    const unmarked = await markFailed(cluster, targetOf(context), leave);
    undo.forget();
    if (unmarked) {
      // It still has the mark of its create, unless it could never have one.
      const isMarked = plan.actions.some((one) =>
        one.kind === "create-container" && one.marker !== "none"
      );
      const message = unmarked + (isMarked ? `; ${UNFINISHED}` : "");
      yield { type: "warning", message, at: context.clock.now() };
    }
    const { vmid } = targetOf(context);
    throw error instanceof PxrunError ? new CreateIncomplete(error, plan, vmid) : error;
  }
}

/** Warning that a kept container could not be marked as such. */
const UNFINISHED = "a cleanup takes it for one to remove until provisioning it has succeeded";

async function* settle(
  actions: readonly ContainerAction[],
  context: ActionContext,
  recipe: Recipe | undefined,
): AsyncGenerator<Event, Settled> {
  const { cluster, signal } = context;
  const steps = actions.filter(({ kind }) => kind === "provision").length;
  // Opened while the address is waited for, which then takes no time of its own.
  if (steps > 0) context.session = await openSession(context, steps);
  using _unused = context.session?.shells;
  yield* runActions(actions, moduleOf, context);
  const { vmid, node } = targetOf(context);
  const addresses = context.addresses ?? await addressesOf(cluster, node, vmid, signal);
  return { addresses, ...await settledInside(context, recipe) };
}

/** The same error where nothing is kept that could be provisioned again. */
function removed(error: unknown): unknown {
  if (!(error instanceof Unfinished)) return error;
  return new PxrunError(error.code, error.message, {
    cause: error,
    hint: "fix the cause and create it again; without --on-failure destroy it is kept to look at",
  });
}
