/** Carries values from callbacks to one `for await` loop, in order. */
export class Queue<T> implements AsyncIterable<T> {
  #values: T[] = [];
  #ended = false;
  #wake: () => void = () => {};

  /** Adds a value; it is taken when the loop comes to it. */
  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  /** The loop ends once all values are taken. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Takes the values. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (true) {
      const values = this.#values;
      this.#values = [];
      yield* values;
      if (this.#values.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
