import { ManyProblems, PxrunError } from "../../../core/errors.ts";
import { loadRecipes } from "../../../operations/load_recipe.ts";
import { localProblems } from "../../../operations/validate.ts";
import { InvalidRecipe } from "../../../recipe/read/invalid_recipe.ts";
import type { Context } from "../../app/context.ts";
import { print } from "../../app/output.ts";

/** The arguments and flags of `pxrun validate`. */
export interface ValidateFlags {
  readonly recipes: readonly string[];
  /** True if `${NAME}` must be set. */
  readonly env: boolean;
}

/** Checks all recipes, and prints the result or throws all problems. */
export async function runValidate(
  { recipes, env }: ValidateFlags,
  { platform, format }: Context,
): Promise<void> {
  const found: PxrunError[] = [];
  for (const file of new Set(recipes)) {
    try {
      const [recipe] = await loadRecipes(platform, file, ["any"], { requireEnv: env });
      if (recipe === undefined) continue;
      const problems = await localProblems(recipe, platform, { withMachine: env });
      if (problems.length > 0) throw new InvalidRecipe(recipe.origin?.file, problems);
    } catch (error) {
      if (!(error instanceof PxrunError)) throw error;
      found.push(error);
    }
  }
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) throw first;
  if (first !== undefined) {
    const problems = found.flatMap((error) =>
      error instanceof InvalidRecipe ? error.problems : [{ path: "", message: error.message }]
    );
    throw new ManyProblems(first.code, found.map(({ message }) => message).join("\n"), problems);
  }
  const count = recipes.length === 1 ? "1 recipe is" : `${recipes.length} recipes are`;
  await print({ platform, format }, {
    table: () => `${count} valid\n`,
    data: { valid: true, recipes },
  });
}
