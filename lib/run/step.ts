import { messageOf } from "../core/errors.ts";
import type { Clock } from "../core/world.ts";
import { taskBehind } from "../proxmox/http/errors.ts";
import type { Event } from "./event.ts";

/** What came of one step. */
export interface StepOutcome<T> {
  readonly value: T;
  /** What to show beside the title. */
  readonly detail?: string;
  /** Shown as warnings below it. */
  readonly warnings?: readonly string[];
}

/**
 * Runs one step between its events. A failure is told and thrown on.
 *
 * @param durations Takes how long it took, by its id.
 */
export async function* runStep<T>(
  clock: Clock,
  step: { readonly id: string; readonly title: string },
  run: () => Promise<StepOutcome<T>>,
  durations: Record<string, number> = {},
): AsyncGenerator<Event, T> {
  const since = clock.now();
  const named = { step: step.id, title: step.title };
  yield { type: "step-started", ...named, at: since };
  try {
    const { value, detail, warnings = [] } = await run();
    const at = clock.now();
    durations[step.id] = at - since;
    const shown = detail === undefined ? {} : { detail };
    yield { type: "step-done", ...named, at, ms: at - since, changed: true, ...shown };
    for (const message of warnings) yield { type: "warning", message, at };
    return value;
  } catch (error) {
    const at = clock.now();
    const message = messageOf(error);
    const log = taskBehind(error)?.lines;
    yield {
      type: "step-failed",
      ...named,
      at,
      ms: at - since,
      message,
      ...(log && { log }),
      ignored: false,
    };
    throw error;
  }
}
