import { limits } from "../core/limits.ts";
import { adviceOf } from "../core/errors.ts";
import { deadline, untilAborted } from "../core/within.ts";
import type { Clock } from "../core/platform.ts";
import { lastWords, taskBehind } from "../proxmox/http/errors.ts";
import type { Event } from "./event.ts";
import { runStep } from "./step.ts";
import type { Undo } from "./undo.ts";

/**
 * Undoes in reverse what was done. What cannot be undone is reported, and the rest continues.
 *
 * @param leave Ends it: what remains then is reported, too.
 */
export async function* rollBack(
  clock: Clock,
  undo: Undo,
  leave: AbortSignal | undefined,
): AsyncGenerator<Event, void> {
  using patience = deadline(clock, limits.run.rollBack, leave);
  for (let step = undo.next(); step !== undefined; step = undo.next()) {
    const { title, act, withdraw, byHand } = step;
    try {
      leave?.throwIfAborted();
      yield* runStep(clock, { id: "undo", title }, async () => {
        // Tried once, whatever comes of it; but not before it has begun.
        withdraw();
        const warnings = await untilAborted(act(patience.signal), leave) ?? [];
        return { value: undefined, warnings };
      });
    } catch (error) {
      withdraw();
      const reason = patience.passed()
        ? `it took longer than ${limits.run.rollBack / 1000} s`
        : [adviceOf(error), ...logOf(error)].join("; ");
      const why = leave?.aborted ? "" : `: ${reason}`;
      const way = typeof byHand === "string" ? `; later: ${byHand}` : "";
      const remedies = typeof byHand === "object" ? { remedies: [byHand] } : {};
      const message = `could not ${title}${why}${way}`;
      yield { type: "warning", message, ...remedies, at: clock.now() };
    }
  }
}

/** A warning has no lines below it. */
function logOf(error: unknown): string[] {
  const task = taskBehind(error);
  const lines = task === undefined ? [] : lastWords(task);
  return lines.length === 0 ? [] : [`the end of its log: ${lines.join(" / ")}`];
}
