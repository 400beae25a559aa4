import { type Path, pathText } from "../../core/problem.ts";
import { Secret } from "../../core/secret.ts";

/** A recipe before it is checked: texts, lists and mappings, as a file or a flag gave them. */
export type Tree = string | Secret | null | Tree[] | Branch;

/** Keys and their values. */
export interface Branch {
  [key: string]: Tree;
}

/** True if a value has keys. */
export function isBranch(value: unknown): value is Branch {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Secret);
}

/** The value at a path, or undefined where there is none. */
export function valueAt(tree: Tree | undefined, path: Path): Tree | undefined {
  let value = tree;
  for (const part of path) {
    if (typeof part === "number") value = Array.isArray(value) ? value[part] : undefined;
    else value = isBranch(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

/**
 * Sets a value, making the lists and mappings on the way to it; -1 is one past
 * the end of a list. Returns where it went, or in a text why it could not.
 */
export function putAt(tree: Branch, path: Path, value: Tree): Path | string {
  const way: (string | number)[] = [];
  let holder: Tree = tree;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    const missing = typeof path[index + 1] === "number" ? [] : {};
    const here = pathText(way);
    if (typeof part === "string") {
      if (!isBranch(holder)) return `${here} has no keys, so ${part} cannot be set in it`;
      way.push(part);
      holder = holder[part] = last ? value : holder[part] ?? missing;
    } else {
      if (!Array.isArray(holder)) return `${here} is not a list, so it has no items`;
      const slot: number = part < 0 ? holder.length : part;
      if (slot > holder.length) {
        return `${here} has ${holder.length} items; the next is [${holder.length}]`;
      }
      way.push(slot);
      holder = holder[slot] = last ? value : holder[slot] ?? missing;
    }
  }
  return way;
}

/** Takes a value away where there is one; returns its path. */
export function removeAt(tree: Branch, path: Path): Path {
  const holder = valueAt(tree, path.slice(0, -1));
  const part = path.at(-1);
  if (Array.isArray(holder) && typeof part === "number" && part >= 0) holder.splice(part, 1);
  else if (isBranch(holder) && typeof part === "string") delete holder[part];
  return path;
}

/** Every value that holds no others, with the path to it. */
export function* leaves(
  tree: Tree,
  path: Path = [],
): Generator<{ path: Path; value: string | Secret | null }> {
  if (Array.isArray(tree)) {
    for (const [index, item] of tree.entries()) yield* leaves(item, [...path, index]);
  } else if (isBranch(tree)) {
    for (const [key, value] of Object.entries(tree)) yield* leaves(value, [...path, key]);
  } else yield { path, value: tree };
}

/** A copy of the same shape with another value at each leaf. */
export function mapLeaves(
  tree: Tree,
  change: (value: string | Secret | null, path: Path) => string | Secret | null,
  path: Path = [],
): Tree {
  if (Array.isArray(tree)) {
    return tree.map((item, index) => mapLeaves(item, change, [...path, index]));
  }
  if (!isBranch(tree)) return change(tree, path);
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, mapLeaves(value, change, [...path, key])]),
  );
}

/** Data of a program (a flag's value, an answer) as a tree; undefined for what no file could say. */
export function toTree(value: unknown): Tree | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || value instanceof Secret) return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object") return undefined;
  if (Array.isArray(value)) {
    const items = value.map(toTree);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const branch: Branch = {};
  for (const [key, inner] of Object.entries(value)) {
    const tree = toTree(inner);
    if (tree === undefined || key in {}) return undefined;
    branch[key] = tree;
  }
  return branch;
}
