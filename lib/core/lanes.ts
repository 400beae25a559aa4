/** One of several runs that take place side by side. */
export interface Lane<T> {
  /** What it makes heavy use of: only so many lanes with the same key run at once. */
  readonly key: string;
  run(): AsyncIterable<T>;
}

/** How many lanes may run at once. */
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
 * yield as it comes. When one throws, or nobody listens any more, the others are ended.
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
