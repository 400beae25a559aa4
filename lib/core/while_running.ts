import { Queue } from "./queue.ts";

/**
 * Lets something run, and passes on what it says meanwhile, in order.
 *
 * @param run Calls `say`; ends itself when its signal is aborted, by the one that is given here
 * or because no one listens any more.
 * @param signal Ends it.
 * @returns What it says, and in the end its result. What it throws comes behind all that it said.
 */
export async function* whileRunning<T, R>(
  run: (say: (value: T) => void, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, R, undefined> {
  const said = new Queue<T>();
  const listening = new AbortController();
  const either = AbortSignal.any([listening.signal, ...(signal ? [signal] : [])]);
  const running = Promise.try(run, (value) => said.push(value), either)
    .finally(() => said.end());
  // Its failure is seen at the await below; until then it must not count as unhandled.
  running.catch(() => {});
  try {
    yield* said;
  } finally {
    listening.abort();
    await running.catch(() => {});
  }
  return await running;
}
