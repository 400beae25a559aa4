import { suggestion } from "../core/nearest.ts";
import type { Recipe } from "../recipe/types.ts";
import type { NodeProblem } from "./node_problem.ts";
import type { NodeFacts, StorageFacts } from "./snapshot.ts";

const GiB = 2 ** 30;

/** The storages of a node that hold containers now, the roomiest first. */
export function rootStorages(node: NodeFacts): StorageFacts[] {
  return node.storages
    .filter((s) => s.active && s.content.includes("rootdir"))
    .toSorted((a, b) => b.avail - a.avail || a.storage.localeCompare(b.storage));
}

/**
 * The storage of the root file system: the recipe's, else the roomiest that has
 * room for it and for the recipe's volumes there.
 *
 * @param problems Takes every reason why this or a volume's storage will not do.
 */
export function pickStorage(
  recipe: Recipe,
  node: NodeFacts,
  problems: NodeProblem[],
): string | undefined {
  const { storage: size, storage_pool: wanted } = recipe.container.resources;
  const volumes = volumesBy(recipe);
  for (const [name, needed] of volumes) {
    // The root's storage is looked at once, with all that goes there.
    if (name !== wanted) problems.push(...refusals(node, name, needed, volumePath(recipe, name)));
  }
  const needed = (name: string): number => size + (volumes.get(name) ?? 0);
  if (wanted !== undefined) {
    const path = "container.resources.storage_pool";
    const found = refusals(node, wanted, needed(wanted), path);
    problems.push(...found);
    return found.length === 0 ? wanted : undefined;
  }
  const candidates = rootStorages(node);
  const chosen = candidates.find((s) => s.avail >= needed(s.storage) * GiB);
  if (chosen === undefined) problems.push(noRoom(node, candidates[0], size));
  return chosen?.storage;
}

/** GiB that the volumes of a recipe need, by storage. */
function volumesBy(recipe: Recipe): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const mount of recipe.container.mount_points) {
    if ("volume" in mount) sizes.set(mount.volume, (sizes.get(mount.volume) ?? 0) + mount.size);
  }
  return sizes;
}

/** Why a named storage cannot take so many GiB. */
function refusals(node: NodeFacts, name: string, needed: number, path: string): NodeProblem[] {
  const storage = rootStorages(node).find((s) => s.storage === name);
  if (storage === undefined) {
    const there = node.storages.find((s) => s.storage === name);
    if (there?.active === false) {
      const hint = `see why: pvesm status on ${node.node}; ${alternatives(node)}`;
      return [{
        code: "UNREACHABLE",
        says: (nodes) => `storage ${name} is not active on ${nodes}`,
        hint,
        path,
      }];
    }
    const says = there
      ? (nodes: string) => `storage ${name} does not hold containers on ${nodes} (content rootdir)`
      : (nodes: string) => `there is no storage ${name} on ${nodes}`;
    return [{ code: "NOT_FOUND", says, hint: alternatives(node, name), path }];
  }
  return storage.avail >= needed * GiB ? [] : [{
    code: "FAILED",
    says: (nodes) => `storage ${name} on ${nodes} has no room for ${needed} GiB`,
    hint: `${gib(storage.avail)} are free: make room, ask for less, or choose another; ${
      alternatives(node)
    }`,
    path,
  }];
}

function noRoom(node: NodeFacts, best: StorageFacts | undefined, size: number): NodeProblem {
  const path = "container.resources.storage";
  return best === undefined
    ? {
      code: "NOT_FOUND",
      says: (nodes) => `no storage holds containers (content rootdir) on ${nodes}`,
      hint: alternatives(node),
      path,
    }
    : {
      code: "FAILED",
      says: (nodes) => `no storage on ${nodes} has room for ${size} GiB`,
      hint: `${best.storage} has ${
        gib(best.avail)
      } free: make room, or ask for less with --storage`,
      path,
    };
}

function alternatives(node: NodeFacts, typed = ""): string {
  const names = rootStorages(node).map((s) => s.storage);
  return names.length === 0
    ? "none is visible: the token may lack Datastore.Audit or Datastore.AllocateSpace on /storage"
    : suggestion(typed, names, "storages that hold containers:");
}

function volumePath(recipe: Recipe, storage: string): string {
  const index = recipe.container.mount_points.findIndex((mount) =>
    "volume" in mount && mount.volume === storage
  );
  return `container.mount_points[${index}].volume`;
}

function gib(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}
