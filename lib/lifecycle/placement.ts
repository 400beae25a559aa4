import type { Recipe } from "../recipe/types.ts";
import type { PlanProblem } from "./problem.ts";
import type { NodeFacts, Snapshot, StorageFacts } from "./snapshot.ts";
import { aliases, resolveTemplate, type TemplateChoice } from "./template.ts";

/** Where a container goes, and with what. */
export interface Placement {
  readonly node: string;
  /** Of the root file system. */
  readonly storage: string;
  /** One for each interface, in order. */
  readonly bridges: readonly string[];
  readonly template: TemplateChoice;
}

/** A place, or why there is none. */
export type Placed =
  | { readonly placement: Placement; readonly problems: readonly [] }
  | { readonly placement?: undefined; readonly problems: readonly PlanProblem[] };

const GiB = 2 ** 30;

/**
 * The freest node that has the template (or can download it), a storage for
 * containers with room, and the bridges. A recipe that names its node gets that one or none.
 */
export function place(recipe: Recipe, snapshot: Snapshot): Placed {
  const wanted = recipe.container.node;
  if (wanted !== undefined && !snapshot.nodes.some((n) => n.node === wanted)) {
    const names = snapshot.nodes.map((n) => n.node).join(", ");
    return {
      problems: [{
        code: "NOT_FOUND",
        message: `there is no node ${wanted}`,
        hint: `the cluster has ${names || "no node that this token may see"}`,
        path: "container.node",
      }],
    };
  }
  const candidates = snapshot.nodes
    .filter((n) => wanted === undefined || n.node === wanted)
    .map((node) => ({ node, fit: fit(recipe, node) }));
  const fitting = candidates.filter(({ fit }) => fit.placement !== undefined);
  const best = fitting.toSorted((a, b) => byFreedom(a.node, b.node, recipe))[0];
  if (best) return best.fit;
  const several = candidates.length > 1;
  return {
    problems: candidates.flatMap(({ node, fit }) =>
      fit.problems.map((problem) =>
        several ? { ...problem, message: `${node.node}: ${problem.message}` } : problem
      )
    ),
  };
}

/** Most free memory first; without the right to see it, most room. Names break ties. */
function byFreedom(a: NodeFacts, b: NodeFacts, recipe: Recipe): number {
  const local = Number(isLocal(recipe, b)) - Number(isLocal(recipe, a));
  if (local !== 0) return local;
  const memory = (b.freeMemory ?? 0) - (a.freeMemory ?? 0);
  return memory || room(b) - room(a) || a.node.localeCompare(b.node);
}

function isLocal(recipe: Recipe, node: NodeFacts): boolean {
  return resolveTemplate(recipe.container.template, node)?.download === undefined;
}

function room(node: NodeFacts): number {
  return Math.max(0, ...rootStorages(node).map((s) => s.avail));
}

function rootStorages(node: NodeFacts): StorageFacts[] {
  return node.storages.filter((s) => s.active && s.content.includes("rootdir"));
}

function fit(recipe: Recipe, node: NodeFacts): Placed {
  if (!node.online || node.problem !== undefined) {
    return {
      problems: [{
        code: "UNREACHABLE",
        message: `node ${node.node} is ${
          node.online ? `not readable: ${node.problem}` : "offline"
        }`,
        hint: "bring it back, or name another with --node",
        path: "container.node",
      }],
    };
  }
  const problems: PlanProblem[] = [];
  const storage = pickStorage(recipe, node, problems);
  const bridges = pickBridges(recipe, node, problems);
  const template = pickTemplate(recipe, node, problems);
  if (storage === undefined || template === undefined || problems.length > 0) return { problems };
  return { placement: { node: node.node, storage, bridges, template }, problems: [] };
}

/** What the volumes of a recipe need of each storage that it names, in GiB. */
function volumesBy(recipe: Recipe): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const mount of recipe.container.mount_points) {
    if ("volume" in mount) sizes.set(mount.volume, (sizes.get(mount.volume) ?? 0) + mount.size);
  }
  return sizes;
}

function pickStorage(
  recipe: Recipe,
  node: NodeFacts,
  problems: PlanProblem[],
): string | undefined {
  const { storage: size, storage_pool: wanted } = recipe.container.resources;
  const volumes = volumesBy(recipe);
  const candidates = rootStorages(node).toSorted((a, b) =>
    b.avail - a.avail || a.storage.localeCompare(b.storage)
  );
  const named = candidates.map((s) => s.storage).join(", ");
  const hint = named === ""
    ? "none is visible: the token may lack Datastore.Audit or Datastore.AllocateSpace on /storage"
    : `these do on ${node.node}: ${named}`;
  const check = (name: string, path: string, needed: number): boolean => {
    const storage = candidates.find((s) => s.storage === name);
    if (storage === undefined) {
      const exists = node.storages.some((s) => s.storage === name);
      const message = exists
        ? `storage ${name} does not hold containers on ${node.node} (content rootdir)`
        : `there is no storage ${name} on ${node.node}`;
      problems.push({ code: "NOT_FOUND", message, hint, path });
    } else if (storage.avail < needed * GiB) {
      problems.push({
        code: "FAILED",
        message: `storage ${name} has ${gib(storage.avail)} free, ${needed} GiB are needed`,
        hint: `make room, ask for less, or choose another: ${named}`,
        path,
      });
    } else return true;
    return false;
  };
  for (const [name, needed] of volumes) {
    const isRoot = name === wanted;
    if (!isRoot) check(name, mountPath(recipe, name), needed);
  }
  if (wanted !== undefined) {
    const ok = check(
      wanted,
      "container.resources.storage_pool",
      size + (volumes.get(wanted) ?? 0),
    );
    return ok ? wanted : undefined;
  }
  const chosen = candidates.find((s) => s.avail >= (size + (volumes.get(s.storage) ?? 0)) * GiB);
  if (chosen) return chosen.storage;
  const best = candidates[0];
  problems.push({
    code: best === undefined ? "NOT_FOUND" : "FAILED",
    message: best === undefined
      ? `no storage of ${node.node} holds containers (content rootdir)`
      : `no storage of ${node.node} has ${size} GiB free; ${best.storage} has ${gib(best.avail)}`,
    hint: best === undefined ? hint : "make room, or ask for less with --storage",
    path: "container.resources.storage",
  });
  return undefined;
}

function mountPath(recipe: Recipe, storage: string): string {
  const index = recipe.container.mount_points.findIndex((m) =>
    "volume" in m && m.volume === storage
  );
  return `container.mount_points[${index}].volume`;
}

function gib(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}

function pickBridges(recipe: Recipe, node: NodeFacts, problems: PlanProblem[]): string[] {
  const first = node.bridges.includes("vmbr0") ? "vmbr0" : node.bridges[0];
  return recipe.container.network.flatMap((net, index) => {
    const bridge = net.bridge ?? first;
    if (bridge !== undefined && node.bridges.includes(bridge)) return [bridge];
    const message = bridge === undefined
      ? `${node.node} has no bridge that this token may use`
      : `there is no bridge ${bridge} on ${node.node}`;
    const hint = node.bridges.length === 0
      ? "the token may lack SDN.Use on /sdn/zones/localnetwork"
      : `it has ${node.bridges.join(", ")}`;
    problems.push({
      code: "NOT_FOUND",
      message,
      hint,
      path: `container.network[${index}].bridge`,
    });
    return [];
  });
}

function pickTemplate(
  recipe: Recipe,
  node: NodeFacts,
  problems: PlanProblem[],
): TemplateChoice | undefined {
  const wish = recipe.container.template;
  const choice = resolveTemplate(wish, node);
  if (choice === undefined) {
    const known = aliases([...node.templates.map((t) => t.file), ...node.index]);
    problems.push({
      code: "NOT_FOUND",
      message: `no template ${wish} on ${node.node}, nor in its index`,
      hint: known.length > 0
        ? `there are ${known.join(", ")}`
        : `run \`pveam update\` on ${node.node}`,
      path: "container.template",
    });
  }
  return choice;
}
