import type { ExecEvent } from "../../operations/exec_all.ts";
import type { BatchEvent } from "../../run/batch.ts";
import { errorData } from "../../render/error.ts";
import { type BatchOutcome, batchSummary, outcomeOf } from "../../render/batch.ts";
import { batchLive } from "../../render/batch_live.ts";
import type { Context } from "./context.ts";
import { drawEvery, timed } from "./progress.ts";

/** What is done to several containers. */
export interface Batch {
  readonly done: "created" | "destroyed";
  /** What events call them, in their order. */
  readonly names: readonly string[];
}

/** Shows what happens to several containers, and says at the end what came of each. */
export async function collectOutcomes(
  events: AsyncIterable<BatchEvent>,
  { done, names }: Batch,
  context: Context,
): Promise<readonly BatchOutcome[]> {
  const { clock, terminal } = context.world;
  const since = clock.now();
  const outcomes: BatchOutcome[] = [];
  for await (const event of showBatch(events, names, context)) {
    const outcome = outcomeOf(event);
    if (outcome !== undefined) outcomes.push(outcome);
  }
  if (!context.events) terminal.err(`${batchSummary(outcomes, done, clock.now() - since)}\n`);
  // As they were asked for: which one is done first is chance.
  const places = new Map(names.map((name, place) => [name, place]));
  const place = ({ container }: BatchOutcome): number => places.get(container) ?? names.length;
  return outcomes.toSorted((a, b) => place(a) - place(b));
}

async function* showBatch(
  events: AsyncIterable<BatchEvent>,
  names: readonly string[],
  context: Context,
): AsyncGenerator<BatchEvent, void> {
  const { terminal } = context.world;
  if (context.events) {
    for await (const event of events) {
      terminal.out(`${JSON.stringify(eventData(event))}\n`);
      yield event;
    }
    return;
  }
  yield* timed(drawEvery(events, context, (options) => batchLive(options, names)), context);
}

/** An event as plain data: also the error in it. */
export function eventData(event: BatchEvent | BatchEvent<ExecEvent>): unknown {
  return event.type === "failed" ? { ...event, ...errorData(event.error) } : event;
}
