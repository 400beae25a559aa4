import assert from "node:assert/strict";
import { systemClock } from "../host/clock.ts";
import { deadline, untilAborted, within } from "./within.ts";

const forever = (signal: AbortSignal): Promise<never> =>
  untilAborted(new Promise(() => {}), signal);

Deno.test("within() gives what was done in time", async () => {
  const options = { clock: systemClock, ms: 60_000, what: "it" };
  assert.equal(await within(options, () => Promise.resolve(1)), 1);
});

Deno.test("within() ends what takes too long, and says what that was", async () => {
  const options = { clock: systemClock, ms: 5, what: "the login" };
  await assert.rejects(within(options, forever), {
    code: "TIMEOUT",
    message: "the login took longer than 0.005 s",
  });
});

Deno.test("within() ends with the reason of the caller's signal", async () => {
  const controller = new AbortController();
  const options = { clock: systemClock, ms: 60_000, what: "it", signal: controller.signal };
  const running = within(options, forever);
  controller.abort(new Error("stop"));
  await assert.rejects(running, /stop/);
  await assert.rejects(within(options, forever), /stop/);
});

Deno.test("deadline() passes by the given clock, and ends with the caller's signal", async () => {
  const over = Promise.withResolvers<void>();
  const clock = { now: () => 0, sleep: () => over.promise };
  using patience = deadline(clock, 60_000);
  assert.equal(patience.passed(), false);
  over.resolve();
  await assert.rejects(forever(patience.signal));
  assert.equal(patience.passed(), true);
  const ends = new AbortController();
  using other = deadline(systemClock, 60_000, ends.signal);
  ends.abort(new Error("stop"));
  await assert.rejects(forever(other.signal), /stop/);
  assert.equal(other.passed(), false);
});

Deno.test("deadline() leaves no timer when the work has ended", () => {
  let waits: AbortSignal | undefined;
  const sleep = (_: number, signal?: AbortSignal): Promise<void> => {
    waits = signal;
    return new Promise(() => {});
  };
  {
    using _ = deadline({ now: () => 0, sleep }, 1_000);
    assert.equal(waits?.aborted, false);
  }
  assert.equal(waits?.aborted, true);
});

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
