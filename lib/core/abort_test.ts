import assert from "node:assert/strict";
import { unlessAborted } from "./abort.ts";

Deno.test("unlessAborted() passes on what the promise becomes", async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve(1), undefined), 1);
  assert.equal(await unlessAborted(Promise.resolve(2), signal), 2);
  await assert.rejects(unlessAborted(Promise.reject(new Error("no")), signal), /no/);
});

Deno.test("unlessAborted() leaves with the signal's reason and lets the rest go on", async () => {
  const controller = new AbortController();
  const slow = Promise.withResolvers<number>();
  const left = unlessAborted(slow.promise, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(left, /enough/);
  await assert.rejects(unlessAborted(slow.promise, controller.signal), /enough/);
  slow.resolve(3);
  assert.equal(await slow.promise, 3);
});
