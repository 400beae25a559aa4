import assert from "node:assert/strict";
import { untilAborted } from "./until_aborted.ts";

Deno.test("untilAborted() passes on what the promise becomes", async () => {
  const { signal } = new AbortController();
  assert.equal(await untilAborted(Promise.resolve(1), undefined), 1);
  assert.equal(await untilAborted(Promise.resolve(2), signal), 2);
  await assert.rejects(untilAborted(Promise.reject(new Error("no")), signal), /no/);
});

Deno.test("untilAborted() leaves with the signal's reason and lets the rest go on", async () => {
  const controller = new AbortController();
  const slow = Promise.withResolvers<number>();
  const left = untilAborted(slow.promise, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(left, /enough/);
  await assert.rejects(untilAborted(slow.promise, controller.signal), /enough/);
  slow.resolve(3);
  assert.equal(await slow.promise, 3);
});
