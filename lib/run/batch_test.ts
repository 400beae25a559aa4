import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import { systemClock } from "../host/clock.ts";
import { type BatchItem, runBatch } from "./batch.ts";

/** Containers of one node. */
const containers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ vmid: index, node: "pve01" }));

/** Work that takes some turns of the event loop. */
async function* work({ vmid }: BatchItem, end: (vmid: number) => void) {
  yield { type: "said" as const };
  await Promise.resolve();
  end(vmid);
}

Deno.test("runBatch() lets no more than eight work on one node at once", async () => {
  let [running, most] = [0, 0];
  const counted = (one: BatchItem) => {
    most = Math.max(most, ++running);
    return work(one, () => void running--);
  };
  for await (
    const { type } of runBatch(systemClock, containers(20), counted, { parallel: 20 })
  ) {
    assert.equal(type, "said");
  }
  assert.equal(most, 8);
});

Deno.test("runBatch() goes on after what pxrun explains, and ends with a fault of its own", async () => {
  const failing = (error: Error) => {
    const run = (one: BatchItem) =>
      work(one, (vmid) => {
        if (vmid === 0) throw error;
      });
    const events = runBatch(systemClock, containers(3), run, { parallel: 1 });
    return Array.fromAsync(events, ({ type }) => type);
  };
  const explained = new PxrunError("FAILED", "no luck");
  assert.deepEqual(await failing(explained), ["said", "failed", "said", "said"]);
  await assert.rejects(failing(new TypeError("x is undefined")), TypeError);
});
