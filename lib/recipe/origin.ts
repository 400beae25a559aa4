import type { LocatedDocument } from "../core/document.ts";
import { type Path, pathText } from "../core/problem.ts";
import { Secret } from "../core/secret.ts";
import type { Origin, Position, Recipe } from "./types.ts";

/** Where each value of a recipe was written; for a default, where its nearest parent was. */
export function originOf(
  recipe: Recipe,
  file: string,
  document: LocatedDocument,
  written: (path: Path) => Path,
): Origin {
  const positions: Record<string, Position> = {};
  const visit = (value: unknown, path: Path): void => {
    if (path.length > 0) positions[pathText(path)] = document.places.positionOf(written(path));
    if (typeof value !== "object" || value === null || value instanceof Secret) return;
    for (const [key, inner] of Object.entries(value)) {
      const index = Array.isArray(value) ? Number(key) : key;
      // Tags were sorted, so that an index no longer says where one stands.
      if (path.at(-1) !== "tags") visit(inner, [...path, index]);
    }
  };
  visit(recipe, []);
  return { file, positions };
}
