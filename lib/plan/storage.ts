import { suggestion } from "../core/nearest.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import type { NodeProblem } from "./node_problem.ts";
import { holds } from "../cluster/rights.ts";
import type { NodeFacts, StorageFacts } from "./snapshot.ts";
import type { Permissions } from "../cluster/rights.ts";

const GiB = 2 ** 30;

/** The storages of a node that hold containers now, the roomiest first. */
export function rootStorages(node: NodeFacts): StorageFacts[] {
  return node.storages
    .filter((s) => s.active && s.content.includes("rootdir"))
    .toSorted((a, b) => b.avail - a.avail || a.storage.localeCompare(b.storage));
}

/** A storage, and what is worth knowing of its room. */
export interface StorageChoice {
  readonly storage: string;
  readonly warnings: readonly string[];
}

/**
 * The storage of the root file system: the recipe's, else the roomiest that has room for it and
 * for the recipe's volumes there, else one that gives room only when it is used.
 *
 * @param problems Takes every reason why this or a volume's storage will not do.
 */
export function pickStorage(
  recipe: Recipe,
  node: NodeFacts,
  permissions: Permissions,
  problems: NodeProblem[],
): StorageChoice | undefined {
  const { storage: size, storage_pool: wanted } = recipe.container.resources;
  const volumes = volumesBy(recipe);
  const warnings: string[] = [];
  const judge = (name: string, needed: number, path: string): boolean => {
    const found = refusals(node, name, needed, { path, permissions });
    problems.push(...found);
    if (found.length === 0) warnings.push(...tight(node, name, needed));
    return found.length === 0;
  };
  for (const [name, needed] of volumes) {
    // The root's storage is looked at once, with all that goes there.
    if (name !== wanted) judge(name, needed, volumePath(recipe, name));
  }
  const needed = (name: string): number => size + (volumes.get(name) ?? 0);
  if (wanted !== undefined) {
    const fine = judge(wanted, needed(wanted), "container.resources.storage_pool");
    return fine ? { storage: wanted, warnings } : undefined;
  }
  const candidates = rootStorages(node);
  const chosen = candidates.find((s) => s.avail >= needed(s.storage) * GiB) ??
    candidates.find((s) => mayTake(s, needed(s.storage)));
  if (chosen === undefined) {
    problems.push(noRoom(node, candidates[0], size, permissions));
    return undefined;
  }
  // A volume of the same storage was judged without the root file system.
  const own = tight(node, chosen.storage, needed(chosen.storage));
  const others = warnings.filter((text) => !text.startsWith(`storage ${chosen.storage} `));
  return { storage: chosen.storage, warnings: [...own, ...others] };
}

/** True if Proxmox makes a disk of this size in GiB there, whether or not it can ever be filled. */
function mayTake({ avail, thick = false, full = false }: StorageFacts, needed: number): boolean {
  return avail >= needed * GiB || !thick && !full;
}

/** A warning where a disk fits only as long as it is not filled. */
function tight(node: NodeFacts, name: string, needed: number): string[] {
  const storage = rootStorages(node).find((s) => s.storage === name);
  if (storage === undefined || storage.avail >= needed * GiB) return [];
  return [
    `storage ${name} on ${node.node} has ${gib(storage.avail)} free, less than the ${needed} GiB ` +
    "that the container may fill",
  ];
}

/** GiB that the volumes of a recipe need, by storage. */
function volumesBy(recipe: Recipe): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const mount of recipe.container.mount_points) {
    if ("volume" in mount) sizes.set(mount.volume, (sizes.get(mount.volume) ?? 0) + mount.size);
  }
  return sizes;
}

/** The reasons why a named storage cannot take a number of GiB. */
function refusals(
  node: NodeFacts,
  name: string,
  needed: number,
  { path, permissions }: { readonly path: string; readonly permissions: Permissions },
): NodeProblem[] {
  const storage = rootStorages(node).find((s) => s.storage === name);
  const others = (typed?: string): string => alternatives(node, name, needed, permissions, typed);
  if (storage === undefined) {
    const there = node.storages.find((s) => s.storage === name);
    if (there?.active === false) {
      return [{
        code: "UNREACHABLE",
        says: (nodes) => `storage ${name} is not active on ${nodes}`,
        hint: `see why: pvesm status on ${node.node}; ${others()}`,
        path,
      }];
    }
    const says = there
      ? (nodes: string) => `storage ${name} does not hold containers on ${nodes} (content rootdir)`
      : (nodes: string) => `there is no storage ${name} on ${nodes}`;
    return [{ code: "NOT_FOUND", says, hint: others(name), path }];
  }
  return mayTake(storage, needed) ? [] : [{
    code: "FAILED",
    says: (nodes) => `storage ${name} on ${nodes} has no room for ${needed} GiB`,
    hint: `${gib(storage.avail)} are free: make room, ask for less, or choose another; ${others()}`,
    path,
  }];
}

function noRoom(
  node: NodeFacts,
  best: StorageFacts | undefined,
  size: number,
  permissions: Permissions,
): NodeProblem {
  const path = "container.resources.storage";
  return best === undefined
    ? {
      code: "NOT_FOUND",
      says: (nodes) => `no storage holds containers (content rootdir) on ${nodes}`,
      hint: alternatives(node, undefined, size, permissions),
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

/** The storages that would do instead of one that was refused. */
function alternatives(
  node: NodeFacts,
  refused: string | undefined,
  needed: number,
  permissions: Permissions,
  typed = "",
): string {
  const holding = rootStorages(node).filter((s) => s.storage !== refused);
  const names = holding.filter((s) => mayTake(s, needed)).map((s) => s.storage);
  if (names.length > 0) return suggestion(typed, names, "storages that hold containers:");
  if (holding.length > 0) return `no other storage has room for ${needed} GiB`;
  // What it may use it also sees: only where it may use none, another may be there.
  const sees = ["Datastore.Audit", "Datastore.AllocateSpace"]
    .some((privilege) => holds(permissions, "/storage", privilege));
  if (refused !== undefined && rootStorages(node).length > 0) {
    return "no other one holds containers";
  }
  return sees
    ? "on a node: `pvesm set STORAGE --content rootdir,images` lets one hold containers"
    : "none is visible: the token may lack Datastore.Audit or Datastore.AllocateSpace on /storage";
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
