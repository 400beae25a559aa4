import type { World } from "../core/world.ts";
import type { Cluster } from "../connect/cluster.ts";
import { inspectNodes } from "../lifecycle/inspect.ts";
import { withSignal } from "../proxmox/rest.ts";
import {
  flagOverrides,
  type Override,
  parseSet,
  type Recipe,
  type RecipeFlags,
  recipeFromOverrides,
} from "../recipe/mod.ts";
import { loadRecipe } from "../lifecycle/load_recipe.ts";
import { PxrunError } from "../core/errors.ts";

/** What `create` was told of the recipe. */
export interface DraftOptions extends RecipeFlags {
  readonly recipe: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly yes?: true | undefined;
  /** What holds where neither the recipe nor a flag says anything. */
  readonly defaults?: readonly Override[] | undefined;
}

/** A recipe that may still lack answers. */
export interface Draft {
  /** Whether questions are going to be asked. */
  readonly asked: boolean;
  /** The recipe, after asking what is missing. */
  complete(cluster: Cluster, signal: AbortSignal): Promise<Recipe>;
}

/**
 * Reads the recipe from its file, or prepares to ask for what the flags leave open.
 *
 * @throws {InvalidRecipe} With all problems of the file.
 * @throws {PxrunError} USAGE when an answer is missing and nobody can be asked.
 */
export async function draftRecipe(world: World, options: DraftOptions): Promise<Draft> {
  const { defaults = [] } = options;
  const overrides = [...(options.set ?? []).map(parseSet), ...flagOverrides(options)];
  if (options.recipe !== undefined) {
    const recipe = await loadRecipe(world, options.recipe, { overrides, defaults });
    return { asked: false, complete: () => Promise.resolve(recipe) };
  }
  const isSet = (path: string): boolean => [...overrides, ...defaults].some((o) => o.path === path);
  const missing = [
    ...(isSet("container.hostname") ? [] : ["--hostname"]),
    ...(isSet("container.template") ? [] : ["--template"]),
  ];
  const complete = (answers: readonly Override[]): Recipe =>
    recipeFromOverrides([...answers, ...overrides], { env: world.env, defaults });
  if (!world.terminal.interactive || options.yes) {
    if (missing.length > 0) {
      const why = options.yes ? "--yes asks nothing" : "this is not a terminal";
      throw new PxrunError(
        "USAGE",
        `there is no recipe, and ${why}: ${missing.join(" and ")} missing`,
        {
          hint: "name a recipe (pxrun create web.yaml), or give the flags",
        },
      );
    }
    const recipe = complete([]);
    return { asked: false, complete: () => Promise.resolve(recipe) };
  }
  return {
    asked: true,
    async complete(cluster, signal) {
      const { askForRecipe } = await import("./questions.ts");
      const nodes = await inspectNodes(withSignal(cluster.rest, signal), undefined);
      return complete(await askForRecipe(world, nodes, isSet, signal));
    },
  };
}
