import assert from "node:assert/strict";
import { type Release, Slots } from "./slots.ts";

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
