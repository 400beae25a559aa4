/** Writes `recipe.schema.json`; with `--check` it only looks whether it is right. */
import { recipeJsonSchema } from "../lib/recipe/schema/json_schema.ts";

/** The text of `recipe.schema.json`. */
export function schemaText(): string {
  return `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`;
}

if (import.meta.main) {
  const file = new URL("../recipe.schema.json", import.meta.url);
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(file, schemaText());
  else if (await Deno.readTextFile(file) !== schemaText()) {
    console.error("recipe.schema.json is not that of the code: deno run -A tasks/make_schema.ts");
    Deno.exitCode = 1;
  }
}
