const never = new AbortController().signal;

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

  /** Number of those that run now. */
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

  /** Does something in its turn. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal = never): Promise<T> {
    const release = await this.take(signal);
    try {
      return await task();
    } finally {
      release();
    }
  }

  #startNext(): void {
    while (this.#running < this.#limit) {
      const start = this.#waiting.shift();
      if (start === undefined) return;
      start();
    }
  }
}

/** One of several runs that take place side by side. */
export interface Lane<T> {
  /** Resource that it uses heavily: a limited number of lanes with the same key run at once. */
  readonly key: string;
  run(): AsyncIterable<T>;
}

/** Number of lanes that may run at once. */
export interface LaneLimits {
  readonly all: number;
  readonly perKey: number;
  /** Once this says so, no lane begins any more; those that run go on. */
  readonly stop?: () => boolean;
}

/** A lane that runs, and what it is going to say next. */
interface Running<T> {
  readonly key: string;
  readonly items: AsyncIterator<T>;
  next: Promise<{ readonly lane: Running<T>; readonly result: IteratorResult<T> }>;
}

/**
 * Runs lanes side by side, in order as far as the limits allow, and passes on what they
 * yield as it comes. When one throws, or no one listens any more, the others are ended.
 */
export async function* runLanes<T>(
  lanes: readonly Lane<T>[],
  { all, perKey, stop = () => false }: LaneLimits,
): AsyncGenerator<T, void> {
  const waiting = [...lanes];
  const running = new Set<Running<T>>();
  const listen = (lane: Pick<Running<T>, "items">): Running<T>["next"] =>
    lane.items.next().then((result) => ({ lane: lane as Running<T>, result }));
  const begin = (): void => {
    while (running.size < all && !stop()) {
      const count = (key: string): number => [...running].filter((one) => one.key === key).length;
      const at = waiting.findIndex(({ key }) => count(key) < perKey);
      const [lane] = at < 0 ? [] : waiting.splice(at, 1);
      if (lane === undefined) return;
      const items = lane.run()[Symbol.asyncIterator]();
      const entry: Partial<Running<T>> & Pick<Running<T>, "key" | "items"> = {
        key: lane.key,
        items,
      };
      running.add(Object.assign(entry, { next: listen(entry) }));
    }
  };
  try {
    for (begin(); running.size > 0; begin()) {
      const { lane, result } = await Promise.race([...running].map(({ next }) => next));
      if (result.done) running.delete(lane);
      else {
        lane.next = listen(lane);
        yield result.value;
      }
    }
  } finally {
    for (const { next } of running) next.catch(() => {});
    await Promise.allSettled([...running].map(({ items }) => items.return?.()));
  }
}
