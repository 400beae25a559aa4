import assert from "node:assert/strict";
import { retry } from "./retry.ts";

/** A clock that notes how long it is slept, and does not sleep. */
function noted(): { slept: number[]; clock: { sleep(ms: number): Promise<void> } } {
  const slept: number[] = [];
  return { slept, clock: { sleep: (ms) => Promise.resolve(void slept.push(ms)) } };
}

Deno.test("retry() tries again after what may pass, with a pause that grows", async () => {
  const { slept, clock } = noted();
  const tries: number[] = [];
  const value = await retry((attempt) => {
    tries.push(attempt);
    return attempt < 3 ? Promise.reject(new Error("busy")) : Promise.resolve("done");
  }, { clock, isRetriable: () => true, pause: (attempt) => attempt * 100 });
  assert.deepEqual([value, tries, slept], ["done", [1, 2, 3], [100, 200]]);
});

Deno.test("retry() throws what does not pass, and the last failure of all tries", async () => {
  const { slept, clock } = noted();
  let tries = 0;
  const act = () => Promise.reject(new Error(`try ${++tries}`));
  const isRetriable = (error: unknown): boolean => !/try 2/.test(String(error));
  await assert.rejects(retry(act, { clock, isRetriable }), /try 2/);
  tries = 0;
  await assert.rejects(retry(act, { clock, attempts: 1, isRetriable: () => true }), /try 1/);
  assert.deepEqual(slept, []);
});

Deno.test("retry() begins no other try once its signal is aborted", async () => {
  const { clock } = noted();
  const controller = new AbortController();
  const reason = new Error("interrupted");
  let tries = 0;
  const act = () => {
    tries++;
    controller.abort(reason);
    return Promise.reject(new Error("busy"));
  };
  const options = { clock, signal: controller.signal, isRetriable: () => true };
  await assert.rejects(retry(act, options), reason);
  assert.equal(tries, 1);
});
