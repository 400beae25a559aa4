import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import { type Context, interruptible } from "../app/context.ts";

interface Options {
  readonly container: string;
  readonly recipe: string;
  readonly dryRun?: true | undefined;
}

/** `pxrun provision CT RECIPE` */
export function addProvision(root: Root, context: GetContext): void {
  root.command("provision")
    .summary("run the provisioning of a recipe again")
    .description(
      "Run the provisioning steps of a recipe in a running container. Each step checks first and " +
        "acts only if needed; scripts run every time. The container's own configuration is not " +
        "changed.",
    )
    .argument("<container>", "VMID or hostname")
    .argument("<recipe>", "recipe file, or - for standard input")
    .option("--dry-run", "only print the steps")
    .addHelpText(
      "after",
      examples([
        ["pxrun provision web-1 web.yaml", "run what is not done yet"],
        ["pxrun provision web-1 web.yaml --dry-run", "only print the steps"],
      ]),
    )
    .action((container, recipe, options) => run({ container, recipe, ...options }, context()));
}

async function run({ container, recipe: file, dryRun }: Options, context: Context): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../app/cluster.ts");
  const { loadRecipe } = await import("../../operations/load_recipe.ts");
  const { planProvision, provisionEvents } = await import("../../operations/provision.ts");
  const { provisionedText, provisionPlanData, provisionPlanText } = await import(
    "../../render/provision.ts"
  );
  const { folded, print } = await import("../app/output.ts");
  const { errStyle } = await import("../app/colors.ts");
  const { showProgress } = await import("../app/progress.ts");
  await interruptible(world, `the provisioning of ${container}`, async (signal) => {
    // A recipe is read before anything is sent anywhere.
    const recipe = await loadRecipe(world, file, { signal });
    await using cluster = await connectCluster(context, { signal });
    const plan = await planProvision(cluster, container, recipe, { signal });
    if (dryRun) {
      const table = folded((style) => provisionPlanText(plan, style));
      return await print(context, { table, data: provisionPlanData(plan) });
    }
    const style = errStyle(context);
    for (const text of plan.warnings) world.terminal.err(`${style.yellow("!")} ${text}\n`);
    for await (const event of showProgress(provisionEvents(cluster, plan, { signal }), context)) {
      if (event.type !== "provisioned" || context.events) continue;
      await print(context, { note: provisionedText(event.result, style), data: event.result });
    }
  });
}
