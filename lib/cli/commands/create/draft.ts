import type { Platform } from "../../../core/platform.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import { inspectNodes } from "../../../operations/inspect/inspect.ts";
import { readNames } from "../../../cluster/guests/names.ts";
import type { Offers, Questions } from "../../prompts/questions.ts";
import { withSignal } from "../../../proxmox/http/rest.ts";
import {
  flagOverrides,
  InvalidRecipe,
  type Override,
  parseSet,
  type Recipe,
  type RecipeFlags,
  recipeFromOverrides,
} from "../../../recipe/mod.ts";
import { type LoadOptions, loadRecipes } from "../../../operations/load_recipe.ts";
import { PxrunError } from "../../../core/errors.ts";

/** The part of the recipe that `create` was given. */
export interface DraftOptions extends RecipeFlags {
  /** Files; none: the flags and the answers are the recipe. */
  readonly recipes: readonly string[];
  /** One for each container of a recipe; see `loadRecipes`. */
  readonly numbers: readonly (number | undefined)[];
  readonly set?: readonly string[] | undefined;
  readonly yes?: true | undefined;
  /** Only what the plan needs is asked. */
  readonly dryRun?: true | undefined;
  readonly allowDuplicate?: true | undefined;
  /** What holds where neither the recipe nor a flag says anything. */
  readonly defaults?: readonly Override[] | undefined;
  /** Ends the reading of the recipes. */
  readonly signal: AbortSignal;
}

/** A recipe that may still lack answers. */
export interface Draft {
  /** Whether questions are going to be asked. */
  readonly asked: boolean;
  /** The recipes, after asking what is missing; again: after asking the last question again. */
  complete(cluster: Cluster, signal: AbortSignal): Promise<readonly Recipe[]>;
}

/**
 * Reads recipes from their files, or prepares to ask for what the flags leave open.
 *
 * @throws {InvalidRecipe} With all problems of the file.
 * @throws {PxrunError} USAGE when an answer is missing and nobody can be asked.
 */
export async function draftRecipe(platform: Platform, options: DraftOptions): Promise<Draft> {
  const { recipes: files, numbers, defaults = [], signal } = options;
  const overrides = [...(options.set ?? []).map(parseSet), ...flagOverrides(options)];
  if (files.length > 0) {
    const recipes = await loadAll(platform, files, numbers, { overrides, defaults, signal });
    return { asked: false, complete: () => Promise.resolve(recipes) };
  }
  const isSet = isSetBy([...overrides, ...defaults]);
  const missing = [
    ...(isSet("container.hostname") ? [] : ["--hostname"]),
    ...(isSet("container.template") ? [] : ["--template"]),
  ];
  const complete = (answers: readonly Override[]): Recipe[] =>
    numbers.map((number) =>
      recipeFromOverrides([...answers, ...overrides], { env: platform.env, defaults, number })
    );
  if (!platform.terminal.interactive || options.yes) {
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
    const recipes = complete([]);
    return { asked: false, complete: () => Promise.resolve(recipes) };
  }
  let questions: Questions | undefined;
  return {
    asked: true,
    async complete(cluster, signal) {
      if (questions === undefined) {
        const { recipeQuestions } = await import("../../prompts/questions.ts");
        const { dryRun: brief, allowDuplicate } = options;
        const node = overrides.find(({ path }) => path === "container.node")?.value;
        const offers = await offersOf(cluster, typeof node === "string" ? node : undefined, signal);
        const several = numbers.some((number) => number !== undefined);
        questions = recipeQuestions(platform, offers, { isSet, brief, allowDuplicate, several });
      }
      return complete(await questions.ask(signal));
    },
  };
}

/** Whether one of some overrides gives the value of a path, or of the list that it adds to. */
export function isSetBy(overrides: readonly Override[]): (path: string) => boolean {
  const paths = new Set(overrides.map(({ path }) => path));
  return (path) => paths.has(path) || paths.has(path.replace(/\[\+\]$/, ""));
}

/**
 * What a cluster and this machine offer a new container.
 *
 * @param node The only node that counts, if one does.
 */
export async function offersOf(
  cluster: Cluster,
  node: string | undefined,
  signal: AbortSignal,
): Promise<Offers> {
  const { findKeys } = await import("../../prompts/ssh_keys.ts");
  const rest = withSignal(cluster.rest, signal);
  const [nodes, names, keys] = await Promise.all([
    inspectNodes(rest, node),
    readNames(rest),
    findKeys(cluster.platform),
  ]);
  return { nodes, containers: names.containers, keys };
}

/** All recipes, or all problems of all of them. */
async function loadAll(
  platform: Platform,
  files: readonly string[],
  numbers: readonly (number | undefined)[],
  options: LoadOptions,
): Promise<readonly Recipe[]> {
  if (files.filter((file) => file === "-").length > 1) {
    throw new PxrunError("USAGE", "standard input is one recipe: it cannot be read twice", {
      hint: "--count makes several of a kind",
    });
  }
  const recipes: Recipe[] = [];
  const invalid: PxrunError[] = [];
  for (const file of files) {
    try {
      recipes.push(...await loadRecipes(platform, file, numbers, options));
    } catch (error) {
      const ofFile = error instanceof InvalidRecipe ||
        error instanceof PxrunError && error.code === "NOT_FOUND";
      if (!ofFile) throw error;
      // A recipe that is named twice has its problems once.
      if (!invalid.some(({ message }) => message === error.message)) invalid.push(error);
    }
  }
  const [first, ...others] = invalid;
  if (first === undefined) return recipes;
  if (others.length === 0) throw first;
  const messages = invalid.map(({ message }) => message).join("\n");
  throw new PxrunError(first.code, messages, { hint: first.hint, remedies: first.remedies });
}
