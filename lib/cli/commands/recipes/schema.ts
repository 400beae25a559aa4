import type { GetContext, Root } from "../../app/root.ts";
import { documented } from "../../app/help/help_page.ts";

/** `pxrun schema` */
export function addSchema(root: Root, context: GetContext): void {
  documented(root.command("schema"), {
    summary: "print the JSON Schema of recipes, for editors",
    description:
      "Print the JSON Schema of recipes. Editors use it if the first line of a recipe is " +
      "`# yaml-language-server: $schema=recipe.schema.json`.",
    examples: [["pxrun schema >recipe.schema.json", "write it beside your recipes"]],
  }).action(async () => {
    const { recipeJsonSchema } = await import("../../../recipe/mod.ts");
    const { print } = await import("../../app/output.ts");
    const schema = recipeJsonSchema();
    await print(context(), { table: () => `${JSON.stringify(schema, null, 2)}\n`, data: schema });
  });
}
