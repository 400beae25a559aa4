import type { Cluster } from "../connect/cluster.ts";
import { Interrupted, PxrunError } from "../core/errors.ts";
import type { Recipe } from "../recipe/types.ts";
import { inspect } from "./inspect.ts";
import { place } from "./placement.ts";
import { type CreatePlan, hasProvisioning, planCreate, type PlanOptions } from "./plan.ts";
import type { PlanProblem } from "./problem.ts";
import { trySudo } from "./sudo.ts";

/** How a create is to be planned. */
export interface PrepareOptions extends Partial<PlanOptions> {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at the cluster and says what creating this container would do. Changes nothing.
 *
 * @param cluster Where.
 * @param recipe What.
 * @param options Whether to start and provision it.
 * @returns What `create` takes.
 * @throws {PlanRefused} With every reason why it cannot be done, at once.
 *
 * @example What a create would do
 * ```ts
 * import { connect, denoWorld, parseRecipe, plan } from "@pxrun/pxrun";
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
 * const planned = await plan(cluster, recipe, { start: false });
 * assert.deepEqual(planned.steps.map((step) => step.id), ["create"]);
 * ```
 */
export async function plan(
  cluster: Cluster,
  recipe: Recipe,
  options: PrepareOptions = {},
): Promise<CreatePlan> {
  const { start = true, provision = true, signal } = options;
  const snapshot = await inspect(cluster, recipe, signal);
  const { placement } = place(recipe, snapshot);
  const needsSsh = start && provision && hasProvisioning(recipe);
  const noRoute = needsSsh && placement
    ? await tryRoute(cluster, placement.node, signal)
    : undefined;
  return await planCreate(recipe, snapshot, { start, provision }, noRoute);
}

/** Opens the connection that the steps will use, and tries its user; why that does not work, if so. */
export async function tryRoute(
  cluster: Cluster,
  node: string,
  signal: AbortSignal | undefined,
): Promise<PlanProblem | undefined> {
  try {
    const ssh = await cluster.ssh(node, signal);
    const { user } = await cluster.route(node);
    return user === "root" ? undefined : await trySudo(ssh, node, user);
  } catch (error) {
    // Who gives up at a question wants no list of problems.
    if (signal?.aborted || error instanceof Interrupted) throw error;
    if (!(error instanceof PxrunError)) throw error;
    const { code, message, hint } = error;
    return { code, message: `no SSH to ${node}: ${message}`, hint };
  }
}
