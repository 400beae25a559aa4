import { pathText } from "../../core/problem.ts";
import { type Branch, isBranch, mapLeaves } from "./tree.ts";

/**
 * Gives one of several containers of a kind a hostname of its own: its number stands for `{n}`,
 * or behind the name when that has none.
 *
 * @param number Absent for a container that is alone; `any` where a recipe is only checked.
 */
export function numbered(recipe: Branch, number: number | "any" | undefined): Branch {
  if (number === undefined) return recipe;
  const tree = mapLeaves(recipe, (value, path) => {
    if (pathText(path) !== "container.hostname" || typeof value !== "string") return value;
    const named = value.replaceAll("{n}", number === "any" ? "1" : String(number));
    return named === value && number !== "any" ? `${value}-${number}` : named;
  });
  return isBranch(tree) ? tree : {};
}
