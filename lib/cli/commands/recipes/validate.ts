import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun validate RECIPE…` */
export function addValidate(root: Root, context: GetContext): void {
  documented(root.command("validate"), {
    summary: "check recipes without a cluster",
    description: "Check recipes without a cluster, and report every problem as file:line:column.",
    examples: [
      ["pxrun validate web.yaml db.yaml", "report all problems of both"],
      ["pxrun validate --no-env *.yaml", "in a pre-commit hook"],
    ],
  })
    .argument("<recipes...>", "recipe files, or - for standard input")
    .option(
      "--no-env",
      "accept variables that are not set and files outside the recipe's directory " +
        "(for pre-commit hooks)",
    )
    .action(async (recipes, { env }) =>
      await (await import("./run_validate.ts")).runValidate({ recipes, env }, context())
    );
}
