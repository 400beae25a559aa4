import type { Clock } from "./platform.ts";
import { PxrunError } from "./errors.ts";
import type { Remedy } from "./remedy.ts";

/**
 * Length of a pause, as a share of the time waited so far: what comes after
 * a while is seen at most so much later.
 */
export const SHARE = 0.02;

/** Options for waiting for a condition. Times are in milliseconds. */
export interface PollOptions {
  readonly clock: Clock;
  /** Condition as a noun phrase for the error: "an address of 105". */
  readonly what: string;
  /** Longest wait. */
  readonly timeout: number;
  /** The shortest pause. A later one is a {@linkcode SHARE} of the time waited so far. */
  readonly first?: number;
  /** The longest pause. */
  readonly longest?: number;
  readonly signal?: AbortSignal | undefined;
  /** Time without any answer (UNREACHABLE) before that is an error (default: a minute). */
  readonly grace?: number;
  /** Next step if the time is over. */
  readonly hint?: string;
  /** Commands of pxrun that may help then. */
  readonly remedies?: readonly Remedy[];
}

/** A service that restarts is back in seconds. */
const GRACE = 60_000;

/**
 * Asks until `probe` gives something other than undefined. A probe that reaches no one
 * (UNREACHABLE) is repeated until no one has answered for some time.
 *
 * @throws {PxrunError} TIMEOUT when the deadline passes first.
 */
export async function poll<T>(
  probe: () => Promise<T | undefined>,
  options: PollOptions,
): Promise<T> {
  const { clock, signal } = options;
  const { first = 50, longest = 2_000, grace = GRACE } = options;
  const begun = clock.now();
  const deadline = begun + options.timeout;
  let answered = begun;
  while (true) {
    signal?.throwIfAborted();
    try {
      const found = await probe();
      if (found !== undefined) return found;
      answered = clock.now();
    } catch (error) {
      // What was waited for was there before, so that even what does not look like it may pass.
      const away = error instanceof PxrunError && error.code === "UNREACHABLE";
      if (!away || clock.now() - answered >= grace) throw error;
    }
    const now = clock.now();
    const left = deadline - now;
    if (left <= 0) {
      const seconds = Math.round(options.timeout / 1000);
      throw new PxrunError("TIMEOUT", `timed out after ${seconds} s waiting for ${options.what}`, {
        hint: options.hint,
        remedies: options.remedies,
      });
    }
    const pause = Math.min(longest, Math.max(first, (now - begun) * SHARE));
    await clock.sleep(Math.min(pause, left), signal);
  }
}
