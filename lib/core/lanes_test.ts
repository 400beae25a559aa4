import assert from "node:assert/strict";
import { type Lane, runLanes } from "./lanes.ts";

/** A lane whose steps go on when the test says so. */
function lane(name: string, key: string, log: string[], gate: Promise<void>): Lane<string> {
  return {
    key,
    async *run() {
      log.push(`${name} begins`);
      try {
        await gate;
        yield `${name} 1`;
        yield `${name} 2`;
      } finally {
        log.push(`${name} ends`);
      }
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

Deno.test("runLanes() runs as many at once as the limits allow, in order", async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const keys = ["x", "x", "x", "y", "y"];
  const lanes = keys.map((key, index) => lane(`${index}`, key, log, gate.promise));
  const done = collect(runLanes(lanes, { all: 3, perKey: 2 }));
  await Promise.resolve();
  assert.deepEqual(log, ["0 begins", "1 begins", "3 begins"]);
  gate.resolve();
  const items = await done;
  assert.deepEqual(items.toSorted(), keys.flatMap((_, i) => [`${i} 1`, `${i} 2`]));
  assert.equal(log.filter((line) => line.endsWith("ends")).length, 5);
});

Deno.test("runLanes() ends the others when one throws, and when nobody listens", async () => {
  const failing: Lane<string> = {
    key: "z",
    async *run() {
      yield "first";
      throw new Error("broken");
    },
  };
  const log: string[] = [];
  const lanes = [failing, lane("a", "x", log, Promise.resolve())];
  await assert.rejects(collect(runLanes(lanes, { all: 8, perKey: 8 })), /broken/);
  assert.deepEqual(log, ["a begins", "a ends"]);
  for await (const _ of runLanes(lanes.slice(1), { all: 1, perKey: 1 })) break;
  assert.deepEqual(log.slice(2), ["a begins", "a ends"]);
});

Deno.test("runLanes() begins nothing more once it is told to stop", async () => {
  const log: string[] = [];
  const lanes = ["a", "b"].map((name) => lane(name, "x", log, Promise.resolve()));
  let stopped = false;
  for await (const _ of runLanes(lanes, { all: 1, perKey: 1, stop: () => stopped })) stopped = true;
  assert.deepEqual(log, ["a begins", "a ends"]);
});
