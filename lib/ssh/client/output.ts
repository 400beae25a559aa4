import { limits } from "../../core/limits.ts";
import { Kept } from "../../core/bytes.ts";

/** One output stream of a command, passed on or kept. */
export class Output {
  readonly #kept: Kept;
  readonly #onChunk: ((chunk: Uint8Array) => void) | undefined;
  /** Bytes so far. */
  received = 0;
  /** True if the host said that there is no more. */
  ended = false;

  /**
   * @param onChunk Where chunks go; absent: they are kept.
   * @param most How many bytes are kept at most.
   */
  constructor(
    onChunk: ((chunk: Uint8Array) => void) | undefined,
    most: number = limits.bytes.output,
  ) {
    this.#onChunk = onChunk;
    this.#kept = new Kept("what the command prints", most);
  }

  /**
   * Passes a chunk on or keeps it.
   *
   * @throws {TooMuch} When it cannot be kept.
   */
  take(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.#onChunk === undefined) this.#kept.take(chunk);
    else this.#onChunk(chunk);
  }

  /** All that was kept. */
  bytes(): Uint8Array {
    return this.#kept.bytes();
  }
}
