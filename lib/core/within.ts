import { PxrunError } from "./errors.ts";
import type { Clock } from "./platform.ts";

/** For how long something may take, and who may end it before that. */
export interface WithinOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ms: number;
  /** Operation that takes that long, as a noun phrase for the error: "the login". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does something with a signal that is aborted when the time is over.
 *
 * @throws {PxrunError} TIMEOUT, where `act` heeds its signal.
 */
export async function within<T>(
  { clock, ms, what, signal }: WithinOptions,
  act: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const late = new AbortController();
  const done = new AbortController();
  const tooLate = new PxrunError("TIMEOUT", `${what} took longer than ${ms / 1000} s`);
  clock.sleep(ms, done.signal).then(() => late.abort(tooLate), () => {});
  try {
    return await act(signal ? AbortSignal.any([signal, late.signal]) : late.signal);
  } finally {
    done.abort();
  }
}

/** A time limit whose owner says what its end means. */
export interface Deadline extends Disposable {
  /** Aborted when the time is over, or when the caller ends the work. */
  readonly signal: AbortSignal;
  /** True once the time is over. */
  passed(): boolean;
}

/** Starts a time limit in milliseconds; `using` ends it together with the work. */
export function deadline(clock: Clock, ms: number, ends?: AbortSignal): Deadline {
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(ms, done.signal).then(() => late.abort(), () => {});
  return {
    signal: ends ? AbortSignal.any([late.signal, ends]) : late.signal,
    passed: () => late.signal.aborted,
    [Symbol.dispose]: () => done.abort(),
  };
}

/**
 * The outcome of a promise, or the signal's reason as soon as it is aborted. What the
 * promise stands for goes on: others may wait for it as well.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
