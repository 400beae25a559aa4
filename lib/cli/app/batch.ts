import {
  type BatchEvent,
  BatchFailed,
  batchNames,
  collectOutcomes,
  resultsOf,
  withoutBatch,
} from "../../run/batch.ts";
import type { Named } from "../../cluster/guests/handle.ts";
import type { Event } from "../../run/event.ts";
import { batchSummary } from "../../render/batch.ts";
import type { Context } from "./context.ts";
import { showProgress } from "./progress.ts";

/** Work on one or several containers, as it is shown. */
export interface Batch<R> {
  /** The work as a noun phrase: "the create". */
  readonly what: string;
  /** State of the containers afterwards: "created". */
  readonly done: string;
  readonly containers: readonly Named[];
  /** True if they are shown as several; absent: if there is more than one. */
  readonly several?: boolean | undefined;
  readonly signal: AbortSignal;
  /** The result of a container, from the event that holds it. */
  resultOf(event: Event): R | undefined;
  /** Sees the results also where not all succeeded. */
  onResults?(results: readonly R[]): Promise<void>;
}

/**
 * Carries out the work and shows it: of one container each step, of several a line for each of
 * them and a summary.
 *
 * @returns The result of each container, in their order.
 * @throws {BatchFailed} When not all of several succeeded.
 * @throws {PxrunError} The failure of a single one.
 */
export async function carryOut<R>(
  events: AsyncIterable<BatchEvent>,
  batch: Batch<R>,
  context: Context,
): Promise<readonly R[]> {
  const { what, containers, several = containers.length > 1, resultOf } = batch;
  const { clock, terminal } = context.platform;
  const since = clock.now();
  const names = batchNames(containers);
  const collector = collectOutcomes(names, resultOf);
  if (several) {
    for await (const event of showProgress(events, context, names)) collector.add(event);
  } else {
    const [container = ""] = names;
    for await (const event of showProgress(withoutBatch(events, what), context)) {
      collector.add({ container, ...event });
    }
  }
  const outcomes = collector.outcomes();
  if (several && !context.events) {
    terminal.err(`${batchSummary(outcomes, batch.done, clock.now() - since)}\n`);
  }
  const results = resultsOf(outcomes);
  await batch.onResults?.(results);
  if (results.length === containers.length) return results;
  throw new BatchFailed(outcomes, batch.signal.aborted ? what : undefined);
}
