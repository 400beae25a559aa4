import type { Writable } from "node:stream";
import type { Stdin } from "./transport.ts";

/**
 * Writes a command's standard input and closes it. A source is asked for its next
 * chunk only when the host has taken the last one, and let go when the call is over.
 *
 * @param channel Where to write.
 * @param stdin What to write.
 * @param over Aborted when the command has ended or is given up.
 */
export async function writeStdin(
  channel: Writable,
  stdin: Stdin | undefined,
  over: AbortSignal,
): Promise<void> {
  if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array) {
    channel.end(stdin);
    return;
  }
  const source = stdin[Symbol.asyncIterator]();
  while (!over.aborted) {
    const next = await unless<IteratorResult<Uint8Array>>(
      over,
      (done, fail) => void source.next().then(done, fail),
    );
    if (next?.done) return void channel.end();
    // The callback never comes when the channel closes first.
    if (next !== undefined) {
      await unless<void>(over, (done) => channel.write(next.value, () => done()));
    }
  }
  // A source that waits for its own input ends only after that: nobody waits for it here.
  source.return?.().catch(() => {});
}

/** Result of `start`, or undefined once the signal is aborted. Leaves nothing behind on the signal. */
function unless<T>(
  over: AbortSignal,
  start: (done: (value: T) => void, fail: (error: unknown) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    const leave = (): void => over.removeEventListener("abort", stop);
    over.addEventListener("abort", stop, { once: true });
    start((value) => {
      leave();
      resolve(value);
    }, (error) => {
      leave();
      reject(error);
    });
  });
}

/** Standard input from the moment on that the command has begun; nothing when that attempt is over. */
export async function* later(
  begun: Promise<void>,
  over: AbortSignal,
  stdin: Stdin | undefined,
): AsyncGenerator<Uint8Array> {
  await begun;
  if (stdin === undefined || over.aborted) return;
  if (typeof stdin === "string") yield new TextEncoder().encode(stdin);
  else if (stdin instanceof Uint8Array) yield stdin;
  else yield* stdin;
}
