import type { Clock } from "../core/world.ts";
import { Locked, TaskFailed } from "../proxmox/errors.ts";

/** How often it is tried; Proxmox itself waits ten seconds each time. */
const TRIES = 3;
const PAUSE = 500;

/**
 * Does something again that was refused because somebody else works on the container's
 * configuration file at that moment. A lock that has a name goes on for long: that is an error.
 */
export async function retryBusy<T>(
  clock: Clock,
  act: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await act();
    } catch (error) {
      const reason = error instanceof TaskFailed ? error.reason : error;
      const busy = reason instanceof Locked && reason.lock === undefined;
      if (!busy || tries >= TRIES) throw error;
    }
    await clock.sleep(PAUSE, signal);
  }
}
