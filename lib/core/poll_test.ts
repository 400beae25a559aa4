import assert from "node:assert/strict";
import { PxrunError } from "./errors.ts";
import { poll } from "./poll.ts";
import type { Clock } from "./platform.ts";

/** A clock whose sleeps pass at once and are written down. */
function fastClock(): Clock & { readonly sleeps: number[] } {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    sleep(ms, signal) {
      signal?.throwIfAborted();
      now += ms;
      sleeps.push(ms);
      return Promise.resolve();
    },
  };
}

Deno.test("poll() asks until there is an answer, with growing pauses up to the longest", async () => {
  const clock = fastClock();
  const answer = await poll(() => Promise.resolve(clock.now() >= 20_000 ? "up" : undefined), {
    clock,
    what: "it",
    timeout: 30_000,
    first: 100,
    longest: 300,
  });
  assert.equal(answer, "up");
  assert.deepEqual(clock.sleeps.slice(0, 3), [100, 100, 100]);
  assert.ok(clock.sleeps.every((ms, i) => i === 0 || ms >= (clock.sleeps[i - 1] ?? 0)));
  assert.equal(clock.sleeps.at(-1), 300);
});

Deno.test("poll() sees what it waits for at most a fiftieth too late, or one pause", async () => {
  for (const ms of [1_000, 2_345, 7_777, 15_000]) {
    const clock = fastClock();
    await poll(() => Promise.resolve(clock.now() >= ms || undefined), {
      clock,
      what: "it",
      timeout: 60_000,
    });
    assert.ok(clock.now() <= ms * 1.02 + 50, `${ms}: ${clock.now()}`);
  }
});

Deno.test("poll() gives up at the deadline after a last look, and says what it waited for", async () => {
  const clock = fastClock();
  let asked = 0;
  const never = (): Promise<undefined> => {
    asked++;
    return Promise.resolve(undefined);
  };
  await assert.rejects(
    poll(never, { clock, what: "an address of 105", timeout: 1_000, first: 400, hint: "look" }),
    (error: unknown) =>
      error instanceof PxrunError && error.code === "TIMEOUT" && error.hint === "look" &&
      error.message === "timed out after 1 s waiting for an address of 105",
  );
  assert.equal(clock.now(), 1_000);
  assert.equal(asked, 4);
});

Deno.test("poll() ends with the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  const probe = (): Promise<undefined> => {
    controller.abort(reason);
    return Promise.resolve(undefined);
  };
  await assert.rejects(
    poll(probe, { clock: fastClock(), what: "x", timeout: 1_000, signal: controller.signal }),
    (error: unknown) => error === reason,
  );
});

Deno.test("poll() goes on while no one is reached, until a minute has passed without an answer", async () => {
  const away = new PxrunError("UNREACHABLE", "no one is there");
  for (const [last, ends] of [[50_000, true], [70_000, false]] as const) {
    const clock = fastClock();
    const probe = (): Promise<true> =>
      clock.now() < last ? Promise.reject(away) : Promise.resolve(true);
    const polling = poll(probe, { clock, what: "it", timeout: 200_000 });
    if (ends) assert.equal(await polling, true);
    else await assert.rejects(polling, away);
  }
  const other = new PxrunError("FAILED", "no");
  await assert.rejects(
    poll(() => Promise.reject(other), { clock: fastClock(), what: "it", timeout: 1_000 }),
    other,
  );
});
