import assert from "node:assert/strict";
import { whileRunning } from "./while_running.ts";

type Say = (value: number) => void;

async function collect(
  run: (say: Say, signal: AbortSignal) => Promise<string>,
  signal?: AbortSignal,
): Promise<{ readonly said: number[]; readonly end: unknown }> {
  const said: number[] = [];
  const events = whileRunning(run, signal);
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done) return { said, end: value };
      said.push(value);
    }
  } catch (error) {
    return { said, end: error };
  }
}

Deno.test("whileRunning() passes on all that is said, then the result or the failure", async () => {
  const both = async (say: Say): Promise<string> => {
    say(1);
    await Promise.resolve();
    say(2);
    return "done";
  };
  assert.deepEqual(await collect(both), { said: [1, 2], end: "done" });
  const failure = new Error("it failed");
  const failing = (say: Say): Promise<string> => {
    say(1);
    throw failure;
  };
  assert.deepEqual(await collect(failing), { said: [1], end: failure });
});

Deno.test("whileRunning() ends what runs by the signal, and when nobody listens any more", async () => {
  const ended: string[] = [];
  const endless = (name: string) => (say: Say, signal: AbortSignal): Promise<string> =>
    new Promise((_, reject) => {
      say(1);
      signal.addEventListener("abort", () => {
        ended.push(name);
        reject(signal.reason);
      });
    });
  const stopping = new AbortController();
  const stopped = collect(endless("stopped"), stopping.signal);
  const reason = new Error("Ctrl-C");
  stopping.abort(reason);
  assert.deepEqual(await stopped, { said: [1], end: reason });
  for await (const _ of whileRunning(endless("left"), undefined)) break;
  assert.deepEqual(ended, ["stopped", "left"]);
});
