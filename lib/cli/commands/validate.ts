import { ManyProblems, PxrunError } from "../../core/errors.ts";
import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import type { Context } from "../app/context.ts";

interface Options {
  readonly recipes: readonly string[];
  /** Whether `${NAME}` must be set. */
  readonly env: boolean;
}

/** `pxrun validate RECIPE…` */
export function addValidate(root: Root, context: GetContext): void {
  root.command("validate")
    .summary("check recipes without a cluster")
    .description("Check recipes without a cluster, and report every problem as file:line:column.")
    .argument("<recipes...>", "recipe files, or - for standard input")
    .option(
      "--no-env",
      "accept variables that are not set and files outside the recipe's directory " +
        "(for pre-commit hooks)",
    )
    .addHelpText(
      "after",
      examples([
        ["pxrun validate web.yaml db.yaml", "report all problems of both"],
        ["pxrun validate --no-env *.yaml", "in a pre-commit hook"],
      ]),
    )
    .action((recipes, { env }) => run({ recipes, env }, context()));
}

async function run({ recipes, env }: Options, { world, format }: Context): Promise<void> {
  const { InvalidRecipe } = await import("../../recipe/read/invalid_recipe.ts");
  const { loadRecipes } = await import("../../operations/load_recipe.ts");
  const found: PxrunError[] = [];
  for (const file of new Set(recipes)) {
    try {
      const [recipe] = await loadRecipes(world, file, ["any"], { requireEnv: env });
      if (recipe === undefined) continue;
      const { localProblems } = await import("../../operations/validate.ts");
      const problems = await localProblems(recipe, world, { withMachine: env });
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
  const { print } = await import("../app/output.ts");
  const count = recipes.length === 1 ? "1 recipe is" : `${recipes.length} recipes are`;
  await print({ world, format }, {
    table: () => `${count} valid\n`,
    data: { valid: true, recipes },
  });
}
