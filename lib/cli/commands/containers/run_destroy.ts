import { FAILED_TAG } from "../../../cluster/guests/marker.ts";
import { destroyAllEvents, planDestroyAll } from "../../../operations/destroy/destroy_all.ts";
import {
  type DestroyPlan,
  tailnetNodeOf,
  withoutTailnetNode,
} from "../../../operations/destroy/plan_destroy.ts";
import { destroyPlanText } from "../../../render/plan.ts";
import { confirmed, type Context } from "../../app/context.ts";
import { onSelected } from "../../app/selected.ts";
import type { SelectedOptions } from "../../app/selectors.ts";

/** The flags of `pxrun destroy`. */
export interface DestroyFlags extends SelectedOptions {
  readonly allFailed?: true | undefined;
  readonly force?: true | undefined;
  readonly purge?: true | undefined;
  readonly keepTailscaleNode?: true | undefined;
}

/** Destroys the containers that are selected. */
export async function runDestroy(flags: DestroyFlags, context: Context): Promise<void> {
  const { tag = [], allFailed, force, purge, keepTailscaleNode } = flags;
  await onSelected({ ...flags, tag: allFailed ? [...tag, FAILED_TAG] : tag }, {
    verb: "destroy",
    done: "destroyed",
    plan: (cluster, found, signal) =>
      planDestroyAll(cluster, found, { force, purge, keepTailscaleNode, signal }),
    text: destroyPlanText,
    ask: (plans, signal) => chooseNodes(plans, context, signal),
    run: destroyAllEvents,
    resultOf: (event) => event.type === "destroyed" ? event.result : undefined,
  }, context);
}

/** Asks about the nodes of a tailnet, which are nothing of the cluster's. */
async function chooseNodes(
  plans: readonly DestroyPlan[],
  { platform }: Context,
  signal: AbortSignal,
): Promise<readonly DestroyPlan[]> {
  const nodes = plans.flatMap((plan) => tailnetNodeOf(plan) ?? []);
  if (nodes.length === 0) return plans;
  const names = nodes.join(", ");
  const question = `Also remove ${names} from the tailnet?`;
  if (await confirmed(platform, question, `remove ${names}`, true, signal)) return plans;
  return plans.map(withoutTailnetNode);
}
