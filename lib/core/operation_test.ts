import assert from "node:assert/strict";
import { Interrupted, PxrunError } from "./errors.ts";
import { type Operation, startOperation } from "./operation.ts";

const what = "the count";

/** Counts to three; waits before each number where it is to, and undoes what it has begun. */
function counting(
  undone: number[],
  before: (n: number, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
  signal?: AbortSignal,
): Operation<string, number> {
  return startOperation(async function* (signal) {
    for (const n of [1, 2, 3]) {
      try {
        await before(n, signal);
        signal.throwIfAborted();
      } catch (error) {
        undone.push(n);
        throw error;
      }
      yield n;
    }
    return "counted";
  }, { what, signal });
}

/** Never goes on by itself. */
function untilCancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

Deno.test("startOperation() begins at once and gives its result to the caller that awaits", async () => {
  let begun = false;
  const operation = startOperation(async function* () {
    begun = true;
    yield await Promise.resolve(1);
    return 7;
  }, { what });
  assert.ok(begun);
  assert.equal(await operation, 7);
  assert.equal(await operation, 7);
});

Deno.test("startOperation() keeps events for an iteration that begins late", async () => {
  const operation = counting([]);
  assert.equal(await operation, "counted");
  assert.deepEqual(await Array.fromAsync(operation), [1, 2, 3]);
});

Deno.test("startOperation() throws the same error to both ways of waiting", async () => {
  const error = new PxrunError("FAILED", "no");
  const operation = counting([], (n) => n === 2 ? Promise.reject(error) : Promise.resolve());
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const n of operation) seen.push(n);
  }, error);
  assert.deepEqual(seen, [1]);
  await assert.rejects(Promise.resolve(operation), error);
});

Deno.test("startOperation() is cancelled and undone when a loop is left", async () => {
  const undone: number[] = [];
  const operation = counting(
    undone,
    (n, signal) => n === 2 ? untilCancelled(signal) : Promise.resolve(),
  );
  for await (const n of operation) if (n === 1) break;
  assert.deepEqual(undone, [2]);
  await assert.rejects(Promise.resolve(operation), Interrupted);
});

Deno.test("startOperation() waits for the undo when it is cancelled or disposed of", async () => {
  for (const end of ["cancel", "dispose"] as const) {
    const undone: number[] = [];
    {
      await using operation = counting(undone, (_, signal) => untilCancelled(signal));
      if (end === "cancel") await operation.cancel();
    }
    assert.deepEqual(undone, [1], end);
  }
});

Deno.test("startOperation() is not changed by a cancel after its end", async () => {
  const undone: number[] = [];
  const operation = counting(undone);
  await operation;
  await operation.cancel();
  assert.equal(await operation, "counted");
  assert.deepEqual(undone, []);
});

Deno.test("startOperation() ends with the reason of the signal that it was given", async () => {
  const ending = new AbortController();
  const operation = counting([], (_, signal) => untilCancelled(signal), ending.signal);
  const reason = new Interrupted("the test");
  ending.abort(reason);
  await assert.rejects(Promise.resolve(operation), reason);
});

Deno.test("startOperation() refuses a second iteration", async () => {
  const operation = counting([]);
  await Array.fromAsync(operation);
  assert.throws(() => operation[Symbol.asyncIterator](), TypeError);
});
