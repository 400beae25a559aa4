import type { Clock } from "../../lib/core/platform.ts";
import { systemClock } from "../../lib/host/clock.ts";

/** A clock that goes so many times as fast as time does. */
export function fastClock(factor: number): Clock {
  const begun = systemClock.now();
  return {
    now: () => begun + (systemClock.now() - begun) * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}
