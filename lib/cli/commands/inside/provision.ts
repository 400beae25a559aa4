import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun provision CT RECIPE` */
export function addProvision(root: Root, context: GetContext): void {
  documented(root.command("provision"), {
    summary: "run the provisioning of a recipe again",
    description:
      "Run the provisioning steps of a recipe in a running container. Each step checks first and " +
      "acts only if needed; scripts run every time. The container's own configuration is not " +
      "changed.",
    examples: [
      ["pxrun provision web-1 web.yaml", "run what is not done yet"],
      ["pxrun provision web-1 web.yaml --dry-run", "only print the steps"],
    ],
  })
    .argument("<container>", "VMID or hostname")
    .argument("<recipe>", "recipe file, or - for standard input")
    .option("--dry-run", "only print the steps")
    .action(async (container, recipe, options) =>
      await (await import("./run_provision.ts")).runProvision(
        { container, recipe, ...options },
        context(),
      )
    );
}
