import assert from "node:assert/strict";
import { type Lane, type Release, runLanes, Slots } from "./concurrency.ts";

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

Deno.test("runLanes() begins nothing more once it is to stop", async () => {
  const log: string[] = [];
  const lanes = ["a", "b"].map((name) => lane(name, "x", log, Promise.resolve()));
  let stopped = false;
  for await (const _ of runLanes(lanes, { all: 1, perKey: 1, stop: () => stopped })) stopped = true;
  assert.deepEqual(log, ["a begins", "a ends"]);
});

const never = new AbortController().signal;

/** Takes a slot and notes the turn when it comes. */
function taker(slots: Slots): {
  take(name: string, first?: boolean, signal?: AbortSignal): Promise<Release>;
  turns: string[];
} {
  const turns: string[] = [];
  return {
    turns,
    async take(name, first = false, signal = never) {
      const release = await slots.take(signal, first);
      turns.push(name);
      return release;
    },
  };
}

Deno.test("Slots lets as many run as there are, and the rest in order", async () => {
  const slots = new Slots(2);
  const { take, turns } = taker(slots);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => take(name));
  const release = await a;
  await b;
  assert.deepEqual(turns, ["a", "b"]);
  assert.equal(slots.running, 2);
  release?.();
  (await c)?.();
  await d;
  assert.deepEqual(turns, ["a", "b", "c", "d"]);
});

Deno.test("Slots lets one who was refused go first", async () => {
  const slots = new Slots(1);
  const { take, turns } = taker(slots);
  const release = await take("a");
  const rest = [take("b"), take("c", true)];
  release();
  (await rest[1])?.();
  await rest[0];
  assert.deepEqual(turns, ["a", "c", "b"]);
});

Deno.test("Slots forgets who gave up waiting", async () => {
  const slots = new Slots(1);
  const { take, turns } = taker(slots);
  const release = await take("a");
  const leaving = new AbortController();
  const b = take("b", false, leaving.signal);
  const c = take("c");
  leaving.abort(new Error("gave up"));
  await assert.rejects(b, /gave up/);
  await assert.rejects(take("d", false, leaving.signal), /gave up/);
  release();
  (await c)();
  assert.deepEqual(turns, ["a", "c"]);
  assert.equal(slots.running, 0);
});

Deno.test("Slots lets no more run than before one was refused, until one ends", async () => {
  const slots = new Slots(8);
  const { take, turns } = taker(slots);
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => take(name)));
  c?.(true);
  const again = take("c");
  const next = take("d");
  await Promise.resolve();
  assert.deepEqual(turns, ["a", "b", "c"]);
  a?.();
  await Promise.all([again, next]);
  assert.equal(slots.running, 3);
  b?.();
  (await again)();
  (await next)();
});

Deno.test("Slots lets at least one run", async () => {
  const slots = new Slots(8);
  (await slots.take(never))(true);
  (await slots.take(never))();
  assert.equal(slots.running, 0);
});
