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
import type { SelectedOptions } from "../../app/selectors.ts";

/** The flags of `pxrun create`. */
export interface CreateFlags extends RecipeFlags, Omit<SelectedOptions, "containers"> {
  /** Files; none: the flags and the answers are the recipe. */
  readonly recipes: readonly string[];
  /** Number of containers per recipe; absent: one, whose hostname is taken as it is. */
  readonly count?: number | undefined;
  readonly failFast?: true | undefined;
  readonly set?: readonly string[] | undefined;
  /** `--no-start` makes it false. */
  readonly start: boolean;
  /** `--no-provision` makes it false. */
  readonly provision: boolean;
  readonly makeDirectories?: true | undefined;
  readonly allowDuplicate?: true | undefined;
  /** File to write the used recipe to. */
  readonly save?: string | undefined;
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/** The part of the recipe that `create` was given. */
export interface DraftOptions extends CreateFlags {
  /** Values where neither the recipe nor a flag gives one. */
  readonly defaults: readonly Override[];
  /** Ends the reading of the recipes. */
  readonly signal: AbortSignal;
}

/** A recipe that may still lack answers. */
export interface Draft {
  /** True if questions are going to be asked. */
  readonly asked: boolean;
  /** The recipes, after asking what is missing; again: after asking the last question again. */
  complete(cluster: Cluster, signal: AbortSignal): Promise<readonly Recipe[]>;
}

/**
 * Reads recipes from their files, or prepares to ask for what the flags leave open.
 *
 * @throws {InvalidRecipe} With all problems of the file.
 * @throws {PxrunError} USAGE when an answer is missing and no one can be asked.
 */
export async function draftRecipe(platform: Platform, options: DraftOptions): Promise<Draft> {
  const { recipes: files, count, defaults, yes, signal } = options;
  const overrides = [...(options.set ?? []).map(parseSet), ...flagOverrides(options)];
  const numbers = count === undefined
    ? [undefined]
    : Array.from({ length: count }, (_, index) => index + 1);
  const known = (recipes: readonly Recipe[]): Draft => ({
    asked: false,
    complete: () => Promise.resolve(recipes),
  });
  if (files.length > 0) {
    return known(await loadAll(platform, files, numbers, { overrides, defaults, signal }));
  }
  const isSet = isSetBy([...overrides, ...defaults]);
  const complete = (answers: readonly Override[]): Recipe[] =>
    numbers.map((number) =>
      recipeFromOverrides([...answers, ...overrides], { env: platform.env, defaults, number })
    );
  if (!platform.terminal.interactive || yes) {
    const missing = unanswered(isSet);
    if (missing.length === 0) return known(complete([]));
    const why = yes ? "--yes asks nothing" : "this is not a terminal";
    const flags = missing.map((key) => `--${key}`).join(" and ");
    throw new PxrunError("USAGE", `there is no recipe, and ${why}: ${flags} missing`, {
      hint: "name a recipe (pxrun create web.yaml), or give the flags",
    });
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
        const several = count !== undefined;
        questions = recipeQuestions(platform, offers, { isSet, brief, allowDuplicate, several });
      }
      return complete(await questions.ask(signal));
    },
  };
}

/** The keys of a container without which there is no plan and that nothing gives. */
export function unanswered(isSet: (path: string) => boolean): string[] {
  return ["hostname", "template"].filter((key) => !isSet(`container.${key}`));
}

/** True if one of some overrides gives the value of a path, or of the list that it adds to. */
export function isSetBy(overrides: readonly Override[]): (path: string) => boolean {
  const paths = new Set(overrides.map(({ path }) => path));
  return (path) => paths.has(path) || paths.has(path.replace(/\[\+\]$/, ""));
}

/**
 * Values that a cluster and this machine offer for a new container.
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
