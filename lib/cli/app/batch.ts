import { type BatchEvent, collectOutcomes, type Outcome, withoutBatch } from "../../run/batch.ts";
import type { Event } from "../../run/event.ts";
import { batchSummary } from "../../render/batch.ts";
import type { Context } from "./context.ts";
import { showProgress } from "./progress.ts";

/** Work on one or several containers, as it is shown. */
export interface Batch<R> {
  /** The work as a noun phrase: "the create". */
  readonly what: string;
  /** What the containers then are: "created". */
  readonly done: string;
  /** The containers, as the events call them, in their order. */
  readonly names: readonly string[];
  /** Whether they are shown as several; absent: where there is more than one. */
  readonly several?: boolean | undefined;
  /** The result of a container, from the event that holds it. */
  resultOf(event: Event): R | undefined;
}

/**
 * Carries out the work and shows it: of one container each step, of several a line for each of
 * them and a summary.
 *
 * @returns The outcome of each container, in their order.
 * @throws {PxrunError} The failure of a single one.
 */
export async function carryOut<R>(
  events: AsyncIterable<BatchEvent>,
  { what, done, names, several = names.length > 1, resultOf }: Batch<R>,
  context: Context,
): Promise<readonly Outcome<R>[]> {
  const { clock, terminal } = context.platform;
  const since = clock.now();
  const collector = collectOutcomes(names, resultOf);
  if (!several) {
    const [container = ""] = names;
    for await (const event of showProgress(withoutBatch(events, what), context)) {
      collector.add({ container, ...event });
    }
    return collector.outcomes();
  }
  for await (const event of showProgress(events, context, names)) collector.add(event);
  const outcomes = collector.outcomes();
  if (!context.events) terminal.err(`${batchSummary(outcomes, done, clock.now() - since)}\n`);
  return outcomes;
}
