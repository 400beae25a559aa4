import { PxrunError } from "./errors.ts";
import type { Clock } from "./world.ts";

/** For how long something may take, and who may end it before that. */
export interface WithinOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ms: number;
  /** What takes that long, as a noun phrase for the error: "the login". */
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
