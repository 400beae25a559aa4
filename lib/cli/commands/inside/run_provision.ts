import { loadRecipe } from "../../../operations/load_recipe.ts";
import { planProvision, provisionEvents } from "../../../operations/provision.ts";
import { provisionPlanData, provisionPlanText, warningsText } from "../../../render/plan.ts";
import { provisionedText } from "../../../render/result.ts";
import { connectCluster } from "../../app/cluster.ts";
import { errStyle } from "../../app/colors.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { folded, print } from "../../app/output.ts";
import { showProgress } from "../../app/progress.ts";

/** The arguments and flags of `pxrun provision`. */
export interface ProvisionFlags {
  readonly container: string;
  readonly recipe: string;
  readonly dryRun?: true | undefined;
}

/** Plans the steps of a recipe, and runs them in a container. */
export async function runProvision(
  { container, recipe: file, dryRun }: ProvisionFlags,
  context: Context,
): Promise<void> {
  const { platform } = context;
  await interruptible(platform, `the provisioning of ${container}`, async (signal) => {
    // A recipe is read before anything is sent anywhere.
    const recipe = await loadRecipe(platform, file, { signal });
    await using cluster = await connectCluster(context, { signal });
    const plan = await planProvision(cluster, container, recipe, { signal });
    if (dryRun) {
      const table = folded((style) => provisionPlanText(plan, style));
      return await print(context, { table, data: provisionPlanData(plan) });
    }
    const style = errStyle(context);
    platform.terminal.err(warningsText(plan, style));
    for await (const event of showProgress(provisionEvents(cluster, plan, { signal }), context)) {
      if (event.type !== "provisioned" || context.events) continue;
      await print(context, { note: provisionedText(event.result, style), data: event.result });
    }
  });
}
