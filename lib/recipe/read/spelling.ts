import { isPrefix, type Path, pathText } from "../../core/problem.ts";
import { FLAT_KEYS, HOISTED_KEYS } from "../schema/flat_keys.ts";
import { flag } from "../schema/fields/numbers.ts";
import { type Branch, isBranch, putAt, type Tree, valueAt } from "./tree.ts";

/** A value that was written in one place and belongs in another. */
interface Move {
  readonly from: Path;
  readonly to: Path;
}

/** Something wrong with a spelling; the path is the one that was written. */
export interface Clash {
  readonly path: Path;
  readonly message: string;
}

/** A recipe in its one nested form. */
export interface Spelled {
  readonly tree: Branch;
  readonly clashes: readonly Clash[];
  /** The path as it was written. */
  written(path: Path): Path;
}

/** Path in the nested form: `container.cores` is `container.resources.cores`. */
export function canonicalPath(path: Path): Path {
  const [top, key = "", second, third] = path;
  if (top !== "container") return path;
  const flat = typeof key === "string" && Object.hasOwn(FLAT_KEYS, key)
    ? FLAT_KEYS[key]
    : undefined;
  if (flat !== undefined) return ["container", ...flat, ...path.slice(2)];
  if (key !== "network") return path;
  if (typeof second === "string") {
    return canonicalPath(["container", "network", 0, ...path.slice(2)]);
  }
  return HOISTED_KEYS.some((hoisted) => hoisted === third) ? ["container", ...path.slice(3)] : path;
}

/** Brings every accepted spelling to the nested form. Empty values count as not written. */
export function spell(source: Branch): Spelled {
  const speller = new Speller();
  for (const [key, value] of Object.entries(source)) {
    // x- keys only hold anchors.
    if (!key.startsWith("x-")) speller.take([key], value);
  }
  return speller;
}

class Speller implements Spelled {
  readonly tree: Branch = {};
  readonly clashes: Clash[] = [];
  readonly #moves: Move[] = [];
  readonly #places = new Map<string, Path>();

  written(path: Path): Path {
    let best: Move | undefined;
    for (const move of this.#moves) {
      if (isPrefix(move.to, path) && move.to.length >= (best?.to.length ?? 0)) best = move;
    }
    return best === undefined ? path : [...best.from, ...path.slice(best.to.length)];
  }

  take(path: Path, value: Tree): void {
    if (value === null) return;
    const place = placeOf(path);
    if (place === "docker" && !isBranch(value) && !Array.isArray(value)) {
      this.#put(path, [...path, "install"], value);
    } else if (place === "tailscale") this.#takeTailscale(path, value);
    else if (place === "networks" && Array.isArray(value) && value.length > 0) {
      this.#open(path, value);
    } else if (place === "networks" && isBranch(value)) {
      this.#moves.push({ from: path, to: [...path, 0] });
      this.#put(path, [...path, 0], {});
      this.#open(path, value);
    } else if (place === "opened" && isBranch(value)) {
      this.#put(path, canonicalPath(path), {});
      this.#open(path, value);
    } else this.#put(path, canonicalPath(path), withoutEmpty(value, path));
  }

  /** Takes the values of a list or mapping one by one, for each may belong elsewhere. */
  #open(path: Path, value: Tree[] | Branch): void {
    const inner = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, child] of inner) {
      // An empty item of a list has a location anyway, and is reported as a problem.
      if (child === null && typeof key === "number") {
        this.#put([...path, key], [...path, key], null);
      } else this.take([...path, key], child);
    }
  }

  /** `true` and `{ provision: true }` mean all defaults, `false` none at all. */
  #takeTailscale(path: Path, value: Tree): void {
    if (!isBranch(value)) {
      const wanted = value === "false" ? undefined : value === "true" ? {} : value;
      if (wanted !== undefined) this.#put(path, path, wanted);
      return;
    }
    const { provision = "true", ...rest } = value;
    const wanted = typeof provision === "string" ? flag().read(provision) : undefined;
    if (typeof wanted !== "boolean") {
      this.clashes.push({
        path: [...path, "provision"],
        message: `${pathText(path)}.provision must be true or false`,
      });
    } else if (wanted) this.#put(path, path, withoutEmpty(rest, path));
  }

  #put(from: Path, to: Path, value: Tree): void {
    const before = valueAt(this.tree, to);
    if (before !== undefined) {
      const first = pathText(this.#places.get(pathText(to)) ?? to);
      const message = `${pathText(from)} and ${first} mean the same but differ; keep one`;
      if (!sameShape(before, value)) this.clashes.push({ path: from, message });
    } else if (typeof putAt(this.tree, to, value) === "string") {
      this.clashes.push({
        path: from,
        message: `${pathText(from)} is given twice, in forms that exclude each other`,
      });
    } else {
      this.#places.set(pathText(to), from);
      if (pathText(from) !== pathText(to)) this.#moves.push({ from, to });
    }
  }
}

/** Form of the values at a path. */
function placeOf(path: Path): "opened" | "networks" | "docker" | "tailscale" | undefined {
  const [top, key] = path;
  if (top === "provisioning") {
    return path.length === 1
      ? "opened"
      : path.length === 2 && (key === "tailscale" || key === "docker")
      ? key
      : undefined;
  }
  if (top !== "container") return undefined;
  if (path.length === 1 || (path.length === 2 && key === "resources")) return "opened";
  if (key !== "network") return undefined;
  return path.length === 2
    ? "networks"
    : path.length === 3 && typeof path[2] === "number"
    ? "opened"
    : undefined;
}

/** True if two values say the same; a mapping is filled key by key, so any two of them may meet. */
function sameShape(a: Tree, b: Tree): boolean {
  return (isBranch(a) && isBranch(b)) || JSON.stringify(a) === JSON.stringify(b);
}

/** Keys without a value count as not written, except where the keys are the author's own. */
function withoutEmpty(tree: Tree, path: Path): Tree {
  if (Array.isArray(tree)) return tree.map((item, index) => withoutEmpty(item, [...path, index]));
  if (!isBranch(tree) || path.at(-1) === "environment") return tree;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, withoutEmpty(value, [...path, key])]),
  );
}
