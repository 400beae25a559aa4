import { assertWrites, type Cluster } from "../../cluster/cluster.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import type { Node } from "../../proxmox/api/nodes/nodes.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import { inspect, inspectCluster } from "../inspect/inspect.ts";
import { place } from "../../plan/placement.ts";
import { missingHookscript } from "../inspect/hookscript.ts";
import { hostPaths, readHostFacts } from "../inspect/host_facts.ts";
import { planCreate } from "../../plan/plan.ts";
import type { CreatePlan, NodeBySsh, PlanOptions } from "../../plan/create_plan.ts";
import { hasProvisioning, withNeeds } from "../../plan/needs.ts";
import { look } from "../../cluster/guests/reach.ts";
import { rootOptions } from "../../plan/root_options.ts";
import type { Snapshot } from "../../plan/snapshot.ts";
import { trySudo } from "../inspect/sudo.ts";

/**
 * Options for planning a create.
 *
 * @category Plans
 */
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
 * @throws {PlanRejected} With every reason why it cannot be done, at once.
 *
 * @example What a create would do
 * ```ts
 * import { connect, denoPlatform, parseRecipe, plan } from "@pxrun/pxrun";
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
 * const planned = await plan(cluster, recipe, { start: false });
 * assert.deepEqual(planned.actions.map(({ kind }) => kind), ["create-container"]);
 * ```
 *
 * @category Plans
 */
export async function plan(
  cluster: Cluster,
  recipe: Recipe,
  options: PrepareOptions = {},
): Promise<CreatePlan> {
  assertWrites(cluster, "create a container");
  const { signal } = options;
  const { node } = recipe.container;
  const enters = needsSsh(recipe, options);
  // A login over SSH takes longer than all that the API is asked: it begins at the same time.
  if (enters && node !== undefined) cluster.prepareSsh(node);
  const facts = inspectCluster(cluster, node, signal, (nodes) => {
    const likely = freest(nodes);
    if (enters && node === undefined && likely !== undefined) cluster.prepareSsh(likely);
  });
  const snapshot = await inspect(cluster, recipe, signal, facts);
  return await planWithin(cluster, recipe, snapshot, options);
}

/** The node that a container goes to where nothing else speaks against it. */
function freest(nodes: readonly Node[]): string | undefined {
  const free = ({ mem, maxmem }: Node): number =>
    mem === undefined || maxmem === undefined ? 0 : maxmem - mem;
  const online = nodes.filter(({ status }) => status === "online")
    .toSorted((a, b) => free(b) - free(a) || a.node.localeCompare(b.node));
  return online[0]?.node;
}

/** True if a create needs more than the API, wherever it goes. */
function needsSsh(recipe: Recipe, { start = true, provision = true }: PrepareOptions): boolean {
  return start && provision && hasProvisioning(recipe) ||
    rootOptions(withNeeds(recipe)).length > 0;
}

/** As {@linkcode plan}, with the cluster as it was read already. */
export async function planWithin(
  cluster: Cluster,
  recipe: Recipe,
  snapshot: Snapshot,
  options: PrepareOptions,
): Promise<CreatePlan> {
  const { start = true, provision = true, makeDirectories, allowDuplicate, signal } = options;
  const { placement } = place(recipe, snapshot);
  const [bySsh, hookscript] = await Promise.all([
    placement && needsSsh(recipe, options)
      ? lookBySsh(cluster, placement.node, hostPaths(withNeeds(recipe)), signal)
      : {},
    placement && missingHookscript(cluster, recipe, placement.node, signal),
  ]);
  return await planCreate(
    recipe,
    snapshot,
    { start, provision, makeDirectories, allowDuplicate },
    { ...bySsh, hookscript },
  );
}

/** Opens the connection that the steps will use, tries its user, and looks at paths of the node. */
export async function lookBySsh(
  cluster: Cluster,
  node: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<NodeBySsh> {
  try {
    return await look(() => cluster.ssh(node, signal), async (ssh) => {
      const { user } = await cluster.route(node);
      const [problem, found] = await Promise.all([
        user === "root" ? undefined : trySudo(ssh, node, user),
        readHostFacts(ssh, paths, signal),
      ]);
      return { problem, paths: found };
    });
  } catch (error) {
    // Who gives up at a question wants no list of problems.
    if (signal?.aborted || error instanceof Interrupted) throw error;
    if (!(error instanceof PxrunError)) throw error;
    const { code, message, hint, remedies } = error;
    return { problem: { code, message: `no SSH to ${node}: ${message}`, hint, remedies } };
  }
}
