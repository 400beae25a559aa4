import type { Recipe } from "../recipe/types.ts";
import type { PlanProblem } from "./problem.ts";
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
  problems: PlanProblem[],
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
function refusals(node: NodeFacts, name: string, needed: number, path: string): PlanProblem[] {
  const storage = rootStorages(node).find((s) => s.storage === name);
  if (storage === undefined) {
    const there = node.storages.find((s) => s.storage === name);
    if (there?.active === false) {
      const hint = `see why: pvesm status on ${node.node}; ${alternatives(node)}`;
      return [{
        code: "UNREACHABLE",
        message: `storage ${name} is not active on ${node.node}`,
        hint,
        path,
      }];
    }
    const message = there
      ? `storage ${name} does not hold containers on ${node.node} (content rootdir)`
      : `there is no storage ${name} on ${node.node}`;
    return [{ code: "NOT_FOUND", message, hint: alternatives(node), path }];
  }
  return storage.avail >= needed * GiB ? [] : [{
    code: "FAILED",
    message: `storage ${name} has ${gib(storage.avail)} free, ${needed} GiB are needed`,
    hint: `make room, ask for less, or choose another; ${alternatives(node)}`,
    path,
  }];
}

function noRoom(node: NodeFacts, best: StorageFacts | undefined, size: number): PlanProblem {
  const path = "container.resources.storage";
  return best === undefined
    ? {
      code: "NOT_FOUND",
      message: `no storage of ${node.node} holds containers (content rootdir)`,
      hint: alternatives(node),
      path,
    }
    : {
      code: "FAILED",
      message: `no storage of ${node.node} has ${size} GiB free; ` +
        `${best.storage} has ${gib(best.avail)}`,
      hint: "make room, or ask for less with --storage",
      path,
    };
}

function alternatives(node: NodeFacts): string {
  const names = rootStorages(node).map((s) => s.storage).join(", ");
  return names === ""
    ? "none is visible: the token may lack Datastore.Audit or Datastore.AllocateSpace on /storage"
    : `these do on ${node.node}: ${names}`;
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
