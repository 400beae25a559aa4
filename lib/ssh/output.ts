/** One output stream of a command, passed on or kept. */
export class Output {
  readonly #kept: Uint8Array[] = [];
  readonly #onChunk: ((chunk: Uint8Array) => void) | undefined;
  /** Bytes so far. */
  received = 0;
  /** Whether the host said that there is no more. */
  ended = false;

  /** @param onChunk Where chunks go; absent: they are kept. */
  constructor(onChunk: ((chunk: Uint8Array) => void) | undefined) {
    this.#onChunk = onChunk;
  }

  /** Passes a chunk on or keeps it. */
  take(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.#onChunk === undefined) this.#kept.push(chunk);
    else this.#onChunk(chunk);
  }

  /** All that was kept. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.#kept.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#kept) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
