import type { LocatedDocument } from "../../core/document/document.ts";
import { isPrefix, type Path, pathText } from "../../core/problem.ts";
import { Secret } from "../../core/secret.ts";
import type { Origin, Position, Recipe } from "../schema/types.ts";
import type { Origins, Where } from "./draft.ts";
import type { Applied } from "./overrides.ts";
import type { Spelled } from "./spelling.ts";
import { valueAt } from "./tree.ts";

/** Origin of each value of a recipe: a place in the file, or a flag. */
export class Provenance implements Origins {
  readonly #document: LocatedDocument | undefined;
  readonly #fromFile: Spelled;
  readonly #set: Applied["set"];
  readonly #withFlags: Spelled;

  /**
   * @param document The file, if there is one.
   * @param fromFile What it says, in the nested form.
   * @param set What the flags put into that.
   * @param withFlags The outcome, in the nested form again.
   */
  constructor(
    document: LocatedDocument | undefined,
    fromFile: Spelled,
    set: Applied["set"],
    withFlags: Spelled,
  ) {
    this.#document = document;
    this.#fromFile = fromFile;
    this.#set = set;
    this.#withFlags = withFlags;
  }

  written(path: Path): Path {
    return this.#fromFile.written(this.#withFlags.written(path));
  }

  locate(path: Path, atKey: boolean): Where {
    return this.#flagOf(this.#withFlags.written(path)) ??
      this.locateInFile(this.written(path), atKey);
  }

  /** Location of a key that the flags may have set, by its path as they wrote it. */
  locateKey(path: Path): Where {
    return this.#flagOf(path) ?? this.locateInFile(path, true);
  }

  /** Location of a path of the file. */
  locateInFile(path: Path, atKey: boolean): Where {
    const places = this.#document?.places;
    return (atKey ? places?.keyPositionOf(path) : places?.positionOf(path)) ?? {};
  }

  /** True if a flag gave the value. */
  isFromFlag(path: Path): boolean {
    return this.#flagOf(this.#withFlags.written(path)) !== undefined;
  }

  #flagOf(path: Path): { source: string } | undefined {
    const itself = this.#set.findLast((one) => isPrefix(one.path, path));
    if (itself !== undefined) return { source: itself.source };
    // A part that is there only because a flag set something inside it.
    if (valueAt(this.#fromFile.tree, path) !== undefined) return undefined;
    const inside = this.#set.find((one) => isPrefix(path, one.path));
    return inside && { source: inside.source };
  }
}

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
