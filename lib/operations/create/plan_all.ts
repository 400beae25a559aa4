import { assertWrites, type Cluster } from "../../cluster/cluster.ts";
import { ManyProblems } from "../../core/errors.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import { inspect, inspectCluster } from "../inspect/inspect.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";
import { plan, planWithin, type PrepareOptions } from "./prepare.ts";
import { PlanRejected, remediesOf } from "../../plan/problem.ts";
import type { PlanProblem } from "../../core/problem.ts";
import type { Snapshot } from "../../plan/snapshot.ts";
import { fixedAddresses } from "../../plan/taken_address.ts";
import { claimVmids } from "../../cluster/vmid.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/**
 * Plans several containers at once: the cluster is read once, and each plan counts on what the
 * ones before it will take. Changes nothing.
 *
 * @param cluster Where.
 * @param recipes What.
 * @param options Whether to start and provision them.
 * @returns A plan for each recipe, in order.
 * @throws {BatchRejected} With every reason of every recipe, at once.
 *
 * @example Three of a kind
 * ```ts
 * import { connect, denoPlatform, parseRecipe, planAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * const text = 'container: { hostname: "web-{n}", template: debian-13 }';
 * const recipes = [1, 2, 3].map((number) => parseRecipe(text, { file: "a", env: {}, number }));
 * const plans = await planAll(cluster, recipes, { start: false });
 * assert.deepEqual(plans.map(({ vmid }) => vmid), [100, 101, 102]);
 * ```
 *
 * @category Plans
 */
export async function planAll(
  cluster: Cluster,
  recipes: readonly Recipe[],
  options: PrepareOptions = {},
): Promise<CreatePlan[]> {
  assertWrites(cluster, "create containers");
  const { signal } = options;
  const [only, ...others] = recipes;
  if (only !== undefined && others.length === 0) return [await plan(cluster, only, options)];
  const nodes = new Set(recipes.map(({ container }) => container.node));
  const [node] = nodes.size === 1 ? nodes : [];
  const shared = inspectCluster(cluster, node, signal);
  const fixed = recipes.map(({ container }) => container.vmid);
  const vmids = claimVmids(cluster, fixed, shared.then(({ guests }) => guests), signal);
  const snapshots = await Promise.all(
    recipes.map((recipe, index) =>
      inspect(cluster, recipe, signal, shared, vmids.then((all) => all[index] ?? NaN))
    ),
  );
  const plans: CreatePlan[] = [];
  const refused: PlanRejected[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const snapshot = snapshots[index];
    if (snapshot === undefined) continue;
    try {
      const before = plans.reduce(afterPlan, snapshot);
      plans.push(await planWithin(cluster, recipe, before, options));
    } catch (error) {
      if (!(error instanceof PlanRejected)) throw error;
      refused.push(error);
    }
  }
  const [first, ...more] = refused;
  if (first === undefined) return plans;
  throw more.length === 0 ? first : new BatchRejected(refused);
}

/**
 * Several wishes that cannot be carried out; nothing was changed anywhere.
 *
 * @category Errors
 */
export class BatchRejected extends ManyProblems<PlanProblem> {
  override readonly name = "BatchRejected";

  /** @param refused At least one. */
  constructor(refused: readonly PlanRejected[]) {
    // What many of a kind have in common is said once.
    const alike = Map.groupBy(refused, ({ file, reasons }) => `${file}:${reasons}`);
    const texts = [...alike.values()].map(([first, ...others]) => {
      const last = others.at(-1)?.what.replace(/^\w+ /, "");
      const more = last === undefined ? "" : ` and ${others.length} more, up to ${last}`;
      const file = first?.file === undefined ? "" : ` (${first.file})`;
      return `cannot ${first?.what}${more}${file}:${first?.reasons}`;
    });
    const problems = refused.flatMap(({ problems }) => problems);
    super(refused[0]?.code ?? "FAILED", texts.join("\n"), problems, {
      remedies: remediesOf(problems),
    });
  }
}

/** The cluster as it will be once a plan is carried out. Pure. */
export function afterPlan(snapshot: Snapshot, plan: CreatePlan): Snapshot {
  const { hostname, container, placement, vmid } = plan;
  const { resources, mount_points } = container;
  const { node, storage } = placement;
  const taken = new Map([[storage, resources.storage]]);
  for (const mount of mount_points) {
    if ("volume" in mount) taken.set(mount.volume, (taken.get(mount.volume) ?? 0) + mount.size);
  }
  const addresses = fixedAddresses({ container }).map(({ address }) => address);
  return {
    ...snapshot,
    names: {
      ...snapshot.names,
      containers: [...snapshot.names.containers, { vmid, node, name: hostname, planned: true }],
    },
    guests: [...snapshot.guests, {
      vmid,
      type: "lxc",
      node,
      name: hostname,
      status: "planned",
    }],
    addressesInUse: [
      ...snapshot.addressesInUse,
      ...addresses.map((address) => ({
        address,
        vmid,
        name: hostname,
        node,
        running: true,
        planned: true as const,
      })),
    ],
    nodes: snapshot.nodes.map((facts) => {
      if (facts.node !== node) return facts;
      const { freeMemory, storages } = facts;
      return {
        ...facts,
        freeMemory: freeMemory === undefined ? undefined : freeMemory - resources.memory * MiB,
        storages: storages.map((one) => ({
          ...one,
          avail: one.avail - (taken.get(one.storage) ?? 0) * GiB,
        })),
      };
    }),
  };
}
