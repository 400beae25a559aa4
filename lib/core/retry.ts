import type { Clock } from "./platform.ts";

/** Options for trying something again. Times are in milliseconds. */
export interface RetryOptions {
  readonly clock: Pick<Clock, "sleep">;
  /** Ends the pauses; what is tried has to heed it itself. */
  readonly signal?: AbortSignal | undefined;
  /** Number of tries at most (default: no limit, `isRetriable` decides). */
  readonly attempts?: number;
  /** True for a failure after which another try may succeed; gets the number of tries so far. */
  isRetriable(error: unknown, attempt: number): boolean | Promise<boolean>;
  /** The pause after a number of tries (default: none). */
  pause?(attempt: number): number;
}

/**
 * Does something, and again after a failure that may pass. The only loop of this kind: everything
 * that is retried looks again at what it acts on.
 *
 * @param act What is tried; gets the number of the try, from 1.
 * @throws {unknown} The last failure.
 */
export async function retry<T>(
  act: (attempt: number) => Promise<T>,
  { clock, signal, attempts = Infinity, isRetriable, pause }: RetryOptions,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await act(attempt);
    } catch (error) {
      if (attempt >= attempts || !await isRetriable(error, attempt)) throw error;
    }
    signal?.throwIfAborted();
    const ms = pause?.(attempt) ?? 0;
    if (ms > 0) await clock.sleep(ms, signal);
  }
}
