import type { Cluster } from "../../cluster/cluster.ts";
import type { Found } from "../../cluster/guests/find.ts";
import type { Named } from "../../cluster/guests/handle.ts";
import { list } from "../../cluster/guests/list.ts";
import { select } from "../../cluster/guests/select.ts";
import type { BatchEvent, BatchLimits } from "../../run/batch.ts";
import type { Event } from "../../run/event.ts";
import { plain } from "../../core/plain.ts";
import type { Style } from "../../render/style.ts";
import { carryOut } from "./batch.ts";
import { withCluster } from "./cluster.ts";
import { errStyle } from "./colors.ts";
import { confirmOrCancel, type Context } from "./context.ts";
import { folded, print, printHandles } from "./output.ts";
import type { SelectedOptions } from "./selectors.ts";

/** A plan for one container. */
export interface ContainerPlan extends Found {
  readonly warnings?: readonly string[];
}

/** Work of a command on each of the selected containers. */
export interface Work<P extends ContainerPlan, R extends Named> {
  /** `destroy` */
  readonly verb: string;
  /** State of the containers afterwards: `destroyed`. */
  readonly done: string;
  /** Plans all of them before any is touched. */
  plan(cluster: Cluster, found: readonly Found[], signal: AbortSignal): Promise<readonly P[]>;
  /** A plan as it is shown before the question and by `--dry-run`. */
  text(plan: P, style: Style): string;
  /** Further questions after a yes. */
  ask?(plans: readonly P[], signal: AbortSignal): Promise<readonly P[]>;
  run(cluster: Cluster, plans: readonly P[], limits: BatchLimits): AsyncIterable<BatchEvent>;
  /** The result of a container, from the event that holds it. */
  resultOf(event: Event): R | undefined;
}

/**
 * Selects containers, plans the work on all of them, asks, does it side by side, and prints the
 * results.
 *
 * @throws {BatchFailed} When not all of several succeeded.
 */
export async function onSelected<P extends ContainerPlan, R extends Named>(
  options: SelectedOptions,
  work: Work<P, R>,
  context: Context,
): Promise<void> {
  const { platform } = context;
  const { containers, node, status, tag: tags, parallel, yes, dryRun, quiet } = options;
  const { verb, done } = work;
  const what = `the ${verb}`;
  await withCluster(context, what, async (cluster, signal) => {
    const found = await select(cluster, { containers, node, status, tags }, signal);
    const plans = await work.plan(cluster, found, signal);
    const shown = (style: Style): string => plans.map((plan) => work.text(plan, style)).join("");
    // With --yes no plan is shown: its warnings are printed before it is carried out.
    if (yes) {
      const warnings = plans.flatMap(({ warnings = [] }) => warnings);
      platform.terminal.err(warnings.map((text) => `! ${plain(text)}\n`).join(""));
    }
    if (dryRun) return await print(context, { table: folded(shown), data: { plans } });
    if (!yes) {
      platform.terminal.err(shown(errStyle(context)));
      const names = plans.map(({ vmid, hostname }) => hostname ?? vmid).join(", ");
      await confirmOrCancel(platform, question(verb, plans), `${verb} ${names}`, false, signal);
    }
    const handles = quiet && !context.events;
    // Afterwards it is not known any more which hostnames were unique.
    const all = handles ? await list(cluster, { signal }) : [];
    const sure = yes ? plans : await work.ask?.(plans, signal) ?? plans;
    const { resultOf } = work;
    const results = await carryOut(work.run(cluster, sure, { parallel, signal }), {
      what,
      done,
      containers: sure,
      signal,
      resultOf,
      onResults: async (results) => {
        if (handles) await printHandles(results, all, context);
      },
    }, context);
    if (!quiet && !context.events) await print(context, { data: { [done]: results } });
  }, !yes);
}

function question(verb: string, plans: readonly ContainerPlan[]): string {
  const asked = verb.charAt(0).toUpperCase() + verb.slice(1);
  if (plans.length === 1) return `${asked} it?`;
  const each = plans.map(({ vmid, hostname }) => hostname ? `${vmid} ${hostname}` : `${vmid}`);
  return `${asked} these ${plans.length}: ${each.join(", ")}?`;
}
