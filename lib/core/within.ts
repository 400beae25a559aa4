import { PxrunError } from "./errors.ts";
import type { Clock } from "./world.ts";

/**
 * What `act` gives, or an error when that takes too long. Its signal is aborted then.
 *
 * @param what What is being done, as the error's subject: "making a token".
 * @throws {PxrunError} TIMEOUT, as far as `act` heeds its signal.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  what: string,
  act: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const tooLate = new PxrunError("TIMEOUT", `${what} took longer than ${ms / 1000} s`);
  clock.sleep(ms, done.signal).then(() => late.abort(tooLate), () => {});
  try {
    return await act(late.signal);
  } finally {
    done.abort();
  }
}
