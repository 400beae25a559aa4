import type { LocatedDocument } from "../../core/document/document.ts";
import { type Path, pathText } from "../../core/problem.ts";
import { Secret } from "../../core/secret.ts";
import type { Where } from "./finding.ts";
import type { Origin, Position, Recipe } from "../schema/types.ts";

/** Location of each value of a recipe; for a default, that of its nearest parent. */
export function originOf(
  recipe: Recipe,
  file: string,
  document: LocatedDocument,
  written: (path: Path) => Path,
): Origin {
  const positions: Record<string, Position> = {};
  visit(
    recipe,
    [],
    (path) => positions[pathText(path)] = document.places.positionOf(written(path)),
  );
  return { file, positions };
}

/** Source of each value that is not from the file: a flag, a setting, an answer. */
export function sourcesOf(
  recipe: Recipe,
  locate: (path: Path, atKey: boolean) => Where,
): Readonly<Record<string, string>> {
  const sources: Record<string, string> = {};
  visit(recipe, [], (path) => {
    const { source } = locate(path, false);
    if (source !== undefined) sources[pathText(path)] = source;
  });
  return sources;
}

/** Calls back with the path of everything in a recipe, parents first. */
function visit(value: unknown, path: Path, see: (path: Path) => void): void {
  if (path.length > 0) see(path);
  if (typeof value !== "object" || value === null || value instanceof Secret) return;
  for (const [key, inner] of Object.entries(value)) {
    const index = Array.isArray(value) ? Number(key) : key;
    // Tags were sorted, so that an index no longer says where one stands.
    if (path.at(-1) !== "tags") visit(inner, [...path, index], see);
  }
}
