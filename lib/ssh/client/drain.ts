import type { Client } from "../../../deps/ssh2.ts";
import type { Clock } from "../../core/platform.ts";

/** A command's last output may still be in a pipe and in the SSH window: less than 5 MiB. */
export const mostAfterExit = 8 * 1024 * 1024;
/** Time for that much on a slow line. */
const longestAfterExit = 60_000;

/**
 * Waits until a command that has ended can have no output left on the way, for
 * when a background child keeps its streams open: the host, asked twice in a row,
 * had nothing to send before its answer. What comes on one connection comes in
 * order, so a slow or lossy line makes this longer and never wrong.
 *
 * @param received How many bytes the command has written so far.
 * @param over Ends the wait by rejecting with the signal's reason.
 * @throws {Error} The connection was lost.
 */
export async function silence(
  received: () => number,
  client: Client,
  clock: Clock,
  over: AbortSignal,
): Promise<void> {
  const most = received() + mostAfterExit;
  const latest = clock.now() + longestAfterExit;
  let quiet = 0;
  while (quiet < 2 && received() < most && clock.now() < latest && !over.aborted) {
    const before = received();
    await clock.sleep(25, over);
    await roundTrip(client);
    quiet = received() === before ? quiet + 1 : 0;
  }
}

/**
 * Asks the host something that changes nothing, to cancel a forward that is not there. All that it
 * sent before its answer has come by then.
 */
export function roundTrip(client: Client): Promise<void> {
  return new Promise((resolve) => client.unforwardIn("", 0, () => resolve()));
}
