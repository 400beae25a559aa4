import type { Clock } from "./world.ts";
import { PxrunError } from "./errors.ts";

/** How to wait for a condition. Times are in milliseconds. */
export interface PollOptions {
  readonly clock: Clock;
  /** What is waited for, as a noun phrase for the error: "an address of 105". */
  readonly what: string;
  /** How long to wait at most. */
  readonly timeout: number;
  /** The first pause; each one after it is half as long again. */
  readonly first?: number;
  /** The longest pause. */
  readonly longest?: number;
  readonly signal?: AbortSignal | undefined;
  /** What to type next when the time is over. */
  readonly hint?: string;
}

/**
 * Asks until `probe` gives something other than undefined.
 *
 * @throws {PxrunError} TIMEOUT when the deadline passes first.
 */
export async function poll<T>(
  probe: () => Promise<T | undefined>,
  options: PollOptions,
): Promise<T> {
  const { clock, signal } = options;
  const deadline = clock.now() + options.timeout;
  const longest = options.longest ?? 2_000;
  let pause = options.first ?? 50;
  while (true) {
    signal?.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    const left = deadline - clock.now();
    if (left <= 0) {
      const seconds = Math.round(options.timeout / 1000);
      throw new PxrunError("TIMEOUT", `waited ${seconds} s for ${options.what} in vain`, {
        hint: options.hint,
      });
    }
    await clock.sleep(Math.min(pause, left), signal);
    pause = Math.min(pause * 1.5, longest);
  }
}
