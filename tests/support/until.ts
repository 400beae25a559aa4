import { poll } from "../../lib/core/poll.ts";
import { systemClock } from "../../lib/host/clock.ts";

/** Waits for something that happens elsewhere. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  await poll(async () => await condition() || undefined, {
    clock: systemClock,
    what,
    timeout: 60_000,
    first: 2,
    longest: 10,
  });
}
