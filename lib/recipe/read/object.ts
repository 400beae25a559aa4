import { type Path, pathText, type Problem } from "../../core/problem.ts";
import { Secret } from "../../core/secret.ts";
import { GivenValue } from "../schema/env_value.ts";
import { type Branch, isBranch, type Tree } from "./tree.ts";

/** A recipe that a program wrote as an object, in the form in which a file is read. */
export interface ObjectTree {
  readonly tree: Branch;
  /** Values that no recipe can hold. */
  readonly found: readonly Problem[];
}

/** An object as a tree: scalars become the texts that a file would have; undefined is absent. */
export function treeOf(object: Readonly<Record<string, unknown>>): ObjectTree {
  const found: Problem[] = [];
  const open = new Set<object>();
  function convert(value: unknown, path: Path): Tree {
    if (value instanceof Secret) return new GivenValue(value.reveal());
    if (typeof value === "string" || value === null) return value;
    if (typeof value === "boolean" || typeof value === "number") return String(value);
    const isList = Array.isArray(value);
    if (!isList && !isPlain(value) || open.has(value)) {
      found.push({ path: pathText(path), message: `${pathText(path)} ${refusal(value)}` });
      return null;
    }
    open.add(value);
    const tree = isList
      ? value.map((item, index) => convert(item, [...path, index]))
      : Object.fromEntries(
        Object.entries(value)
          .filter(([, inner]) => inner !== undefined)
          .map(([key, inner]) => [key, convert(inner, [...path, key])]),
      );
    open.delete(value);
    return tree;
  }
  const tree = convert(object, []);
  return { tree: isBranch(tree) ? tree : {}, found };
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function refusal(value: unknown): string {
  return isPlain(value) || Array.isArray(value)
    ? "contains itself"
    : `must be a text, number, boolean, list or plain object, not a ${kindOf(value)}`;
}

function kindOf(value: unknown): string {
  return typeof value === "object" ? value?.constructor?.name ?? "class" : typeof value;
}
