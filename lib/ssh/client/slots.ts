/**
 * Gives a turn back, exactly once. One that was refused tells that no more can
 * run than run now; each one after it that ends tries whether one more can.
 */
export type Release = (refused?: boolean) => void;

/** Lets a limited number run at once; the rest wait in order. */
export class Slots {
  readonly #most: number;
  #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param most How many may run at once. */
  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  /** How many run now. */
  get running(): number {
    return this.#running;
  }

  /**
   * Waits for a turn.
   *
   * @param signal Leaves the queue when it is aborted, and rejects with its reason.
   * @param first Go to the head of the queue.
   */
  take(signal: AbortSignal, first = false): Promise<Release> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const start = (): void => {
        signal.removeEventListener("abort", leave);
        this.#running++;
        resolve((refused = false) => {
          this.#running--;
          this.#limit = refused
            ? Math.max(1, this.#running)
            : Math.min(this.#most, this.#limit + 1);
          this.#startNext();
        });
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      if (first) this.#waiting.unshift(start);
      else this.#waiting.push(start);
      this.#startNext();
    });
  }

  #startNext(): void {
    while (this.#running < this.#limit) {
      const start = this.#waiting.shift();
      if (start === undefined) return;
      start();
    }
  }
}
