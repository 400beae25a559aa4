import type { Clock } from "../../lib/core/platform.ts";

/** How much faster than the clock on the wall it goes. */
const SPEED = 5;
/** Between two ticks, in real milliseconds; and how much of a longer pause counts. */
const TICK = 5;
const LONGEST = 10;

/** A clock that is fast, and to be disposed of. */
export interface FastClock extends Clock, Disposable {}

/**
 * A clock that goes fast, and stands still while the machine does not get round to its work: a
 * deadline is then no nearer than the work that it is for.
 */
export function fastClock(): FastClock {
  const sleepers = new Map<() => void, number>();
  let now = Date.now();
  let last = now;
  const timer = setInterval(() => {
    const real = Date.now();
    now += Math.min(real - last, LONGEST) * SPEED;
    last = real;
    for (const [wake, due] of [...sleepers].toSorted(([, a], [, b]) => a - b)) {
      if (due <= now) wake();
    }
  }, TICK);
  return {
    now: () => Math.round(now),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
          sleepers.delete(wake);
          reject(signal?.reason);
        };
        const wake = (): void => {
          sleepers.delete(wake);
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        sleepers.set(wake, now + ms);
        signal?.addEventListener("abort", stop, { once: true });
      }),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
