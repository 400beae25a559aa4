import { Interrupted } from "./errors.ts";
import { Queue } from "./queue.ts";

/**
 * Something long that has begun: a promise of its result, a stream of its events, and a handle
 * to cancel it. Awaiting and iterating share one run and throw the same error.
 *
 * - `await operation` gives the result.
 * - `for await (const event of operation)` gives each event once, also those from before; leaving
 *   the loop early cancels. It can be iterated once.
 * - `await using operation = …` cancels at the end of the block what has not ended by then.
 *
 * @example Await it, or watch it
 * ```ts
 * import { connect, create, denoPlatform, destroy, parseRecipe, plan, planDestroy } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoPlatform(), env: simulator.env() });
 * const recipe = parseRecipe({ container: { hostname: "a", template: "debian-13" } });
 *
 * const { vmid } = await create(cluster, await plan(cluster, recipe));
 *
 * const titles: string[] = [];
 * for await (const event of destroy(cluster, await planDestroy(cluster, vmid))) {
 *   if (event.type === "step-done") titles.push(event.title);
 * }
 * assert.deepEqual(titles, [`destroyed container ${vmid}`]);
 * ```
 *
 * @category Changes
 */
export interface Operation<R, E> extends AsyncIterable<E>, PromiseLike<R>, AsyncDisposable {
  /** Ends it as soon as possible; resolves once what it had begun is undone. */
  cancel(): Promise<void>;
}

/** The description of an operation, and what ends it from outside. */
export interface OperationOptions {
  /** Operation as a noun phrase: "the create of web". */
  readonly what: string;
  /** Cancels it, like {@linkcode Operation.cancel}. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts an operation.
 *
 * @param run What it does: yields its events, returns its result, and undoes what it has begun
 * when the signal is aborted.
 */
export function startOperation<R, E>(
  run: (signal: AbortSignal) => AsyncGenerator<E, R, undefined>,
  { what, signal }: OperationOptions,
): Operation<R, E> {
  const cancelling = new AbortController();
  const either = signal ? AbortSignal.any([signal, cancelling.signal]) : cancelling.signal;
  const events = new Queue<E>();
  const ended = collect(run(either), events);
  // An error is thrown where it is awaited or iterated; until then it is not unhandled.
  const settled = ended.then(() => {}, () => {});
  const cancel = async (): Promise<void> => {
    cancelling.abort(new Interrupted(what));
    await settled;
  };
  let isIterated = false;
  return {
    cancel,
    [Symbol.asyncDispose]: cancel,
    then: (onValue, onError) => ended.then(onValue, onError),
    [Symbol.asyncIterator]() {
      if (isIterated) throw new TypeError(`${what} can be iterated once`);
      isIterated = true;
      return iterate(events, ended, cancel);
    },
  };
}

async function collect<R, E>(
  run: AsyncGenerator<E, R, undefined>,
  events: Queue<E>,
): Promise<R> {
  try {
    while (true) {
      const { done, value } = await run.next();
      if (done) return value;
      events.push(value);
    }
  } finally {
    events.end();
  }
}

async function* iterate<E>(
  events: Queue<E>,
  ended: Promise<unknown>,
  cancel: () => Promise<void>,
): AsyncGenerator<E, void, undefined> {
  let isOver = false;
  try {
    yield* events;
    isOver = true;
  } finally {
    if (!isOver) await cancel();
  }
  await ended;
}
