import { setImmediate } from "node:timers";
import type { Clock } from "../../lib/core/platform.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const remove = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      };
      const onAbort = () => {
        remove();
        reject(signal?.reason);
      };
      const wake = () => {
        remove();
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Stands still until the promise settles or so many sleep. */
  async untilAsleep(count: number, promise: Promise<unknown>): Promise<void> {
    const settled = watch(promise);
    while (!settled() && this.#sleepers.length < count) await wait();
  }

  /** Moves on by `ms`, and wakes whoever sleeps until then, in order. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    while (await this.#wakeNext(until));
    this.#now = until;
  }

  /** Moves on until the promise settles, over sleepers that are due within `horizon` only. */
  async runUntil<T>(promise: Promise<T>, horizon = Infinity): Promise<T> {
    const settled = watch(promise);
    while (!settled()) {
      if (!await this.#wakeNext(this.#now + horizon)) await wait();
    }
    return await promise;
  }

  async #wakeNext(until: number): Promise<boolean> {
    await breathe();
    const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0];
    if (!next || next.at > until) return false;
    this.#now = Math.max(this.#now, next.at);
    next.wake();
    await breathe();
    return true;
  }
}

/** Whether a promise has settled. */
function watch(promise: Promise<unknown>): () => boolean {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  return () => settled;
}

/** Lets everything that is ready run first. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits a little for what comes from outside, such as the network. */
function wait(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
