import type { GetContext, Root } from "../program.ts";

/** `pxrun schema` */
export function addSchema(root: Root, context: GetContext): void {
  root.command("schema")
    .summary("the JSON Schema of recipes, for editors")
    .description(
      "Prints the JSON Schema of recipes. In a recipe's first line, " +
        "`# yaml-language-server: $schema=recipe.schema.json` makes editors use it.",
    )
    .action(async () => {
      const { recipeJsonSchema } = await import("../../recipe/mod.ts");
      const { printData } = await import("../output.ts");
      await printData(recipeJsonSchema(), context());
    });
}
