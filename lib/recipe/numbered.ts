import { pathText } from "../core/problem.ts";
import { type Branch, isBranch, mapLeaves } from "./tree.ts";

/**
 * Gives one of several containers of a kind a hostname of its own: its number stands for `{n}`,
 * or behind the name when that has none.
 *
 * @param number Absent for a container that is alone.
 */
export function numbered(recipe: Branch, number: number | undefined): Branch {
  if (number === undefined) return recipe;
  const tree = mapLeaves(recipe, (value, path) => {
    if (pathText(path) !== "container.hostname" || typeof value !== "string") return value;
    return value.includes("{n}") ? value.replaceAll("{n}", String(number)) : `${value}-${number}`;
  });
  return isBranch(tree) ? tree : {};
}
