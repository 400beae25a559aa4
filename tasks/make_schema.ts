import { recipeJsonSchema } from "../lib/recipe/json_schema.ts";

/** The text of `recipe.schema.json`. */
export function schemaText(): string {
  return `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`;
}

if (import.meta.main) {
  const file = new URL("../recipe.schema.json", import.meta.url);
  await Deno.writeTextFile(file, schemaText());
}
