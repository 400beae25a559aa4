import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import { systemClock } from "../host/clock.ts";
import { type BatchJob, runBatch } from "./batch.ts";

interface Said {
  readonly type: "said";
}

/** Jobs on one node, of which each takes some turns of the event loop. */
function jobs(count: number, end: (index: number) => void): BatchJob<Said>[] {
  return Array.from({ length: count }, (_, index) => ({
    container: `c${index}`,
    node: "pve01",
    async *run() {
      yield { type: "said" as const };
      await Promise.resolve();
      end(index);
    },
  }));
}

Deno.test("runBatch() lets no more than eight work on one node at once", async () => {
  let [running, most] = [0, 0];
  const counted = jobs(20, () => void running--).map((job) => ({
    ...job,
    run: () => {
      most = Math.max(most, ++running);
      return job.run();
    },
  }));
  for await (const { type } of runBatch(systemClock, counted, { parallel: 20 })) {
    assert.equal(type, "said");
  }
  assert.equal(most, 8);
});

Deno.test("runBatch() goes on after what pxrun explains, and ends with a fault of its own", async () => {
  const failing = (error: Error) =>
    Array.fromAsync(
      runBatch(
        systemClock,
        jobs(3, (index) => {
          if (index === 0) throw error;
        }),
        { parallel: 1 },
      ),
      ({ type }) => type,
    );
  const explained = new PxrunError("FAILED", "no luck");
  assert.deepEqual(await failing(explained), ["said", "failed", "said", "said"]);
  await assert.rejects(failing(new TypeError("x is undefined")), TypeError);
});
