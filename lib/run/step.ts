import { messageOf } from "../core/errors.ts";
import type { Clock } from "../core/platform.ts";
import { taskBehind } from "../proxmox/http/errors.ts";
import type { Event } from "./event.ts";

/** Result of one step. */
export interface StepOutcome<T> {
  readonly value: T;
  /** Text for a finished step, in place of the title: "created container 100 on pve01". */
  readonly done?: string;
  /** Text to show beside it. */
  readonly detail?: string;
  /** Shown as warnings below it. */
  readonly warnings?: readonly string[];
  /** Absent: something was changed. */
  readonly changed?: boolean;
}

/** Options for a step. */
export interface StepOptions {
  /** Gets how long it took, by its id. */
  readonly durations?: Record<string, number>;
  /** True for a failure after which the others go on. */
  readonly isIgnored?: (error: unknown) => boolean;
}

/** Runs one step between its events. A failure is reported and thrown again. */
export async function* runStep<T>(
  clock: Clock,
  step: { readonly id: string; readonly title: string },
  run: () => Promise<StepOutcome<T>>,
  { durations = {}, isIgnored = () => false }: StepOptions = {},
): AsyncGenerator<Event, T> {
  const since = clock.now();
  const named = { step: step.id, title: step.title };
  yield { type: "step-started", ...named, at: since };
  try {
    const { value, done, detail, warnings = [], changed = true } = await run();
    const at = clock.now();
    durations[step.id] = at - since;
    const shown = detail === undefined ? {} : { detail };
    yield {
      type: "step-done",
      ...named,
      ...(done && { title: done }),
      at,
      ms: at - since,
      changed,
      ...shown,
    };
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
      ignored: isIgnored(error),
    };
    throw error;
  }
}
