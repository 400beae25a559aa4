import { resolve } from "node:path";
import { PxrunError } from "../core/errors.ts";
import type { World } from "../core/world.ts";
import { type Override, parseRecipe, type Recipe } from "../recipe/mod.ts";

/** How a recipe file is to be read. */
export interface LoadOptions {
  /** Whether every `${NAME}` must be set; it must when absent. */
  readonly requireEnv?: boolean;
  /** What wins over the file: see `parseSet` and `flagOverrides`. */
  readonly overrides?: readonly Override[];
}

/**
 * Reads a recipe from a file, or from standard input for `-`.
 *
 * @param world The machine's ports.
 * @param file Its path, absolute or relative to the working folder.
 * @param options Whether variables must be set, and what wins over the file.
 * @returns The recipe, complete with every default.
 * @throws {InvalidRecipe} With all of its problems, each with file:line:column.
 * @throws {PxrunError} NOT_FOUND when there is no such file.
 *
 * @example From the examples
 * ```ts
 * import { denoWorld, loadRecipe } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const recipe = await loadRecipe(denoWorld(), "examples/web.yaml");
 * assert.equal(recipe.container.hostname, "web-1");
 * ```
 */
export async function loadRecipe(
  world: World,
  file: string,
  options: LoadOptions = {},
): Promise<Recipe> {
  const { requireEnv = true, overrides = [] } = options;
  const text = file === "-" ? await world.terminal.readStdin() : await readText(world, file);
  return parseRecipe(text, {
    file: file === "-" ? "stdin" : file,
    env: requireEnv ? world.env : undefined,
    overrides,
  });
}

async function readText(world: World, file: string): Promise<string> {
  const bytes = await world.files.read(resolve(world.cwd, file));
  if (bytes === undefined) {
    throw new PxrunError("NOT_FOUND", `there is no file ${file}`, {
      hint: "name a recipe; examples/web.yaml in the project shows one",
    });
  }
  return new TextDecoder().decode(bytes);
}
