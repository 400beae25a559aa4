import { PxrunError } from "./errors.ts";

/** The bytes of several chunks as one. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** More than there is room for. */
export class TooMuch extends PxrunError {}

/** Chunks that are kept, up to a limit. */
export class Kept {
  readonly #what: string;
  readonly #most: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  /**
   * @param what What is kept, for the error: "the reply of pve01:8006".
   * @param most In bytes.
   */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#most = most;
  }

  /**
   * Keeps one more, as far as there is room.
   *
   * @throws {TooMuch} When there is more.
   */
  take(chunk: Uint8Array): void {
    const part = chunk.subarray(0, this.#most - this.#size);
    this.#size += part.length;
    this.#chunks.push(part);
    if (part.length < chunk.length) {
      throw new TooMuch("FAILED", `${this.#what} is larger than ${this.#most / 2 ** 20} MiB`, {
        hint: "nothing that works as it should sends as much: look at who answers there",
      });
    }
  }

  /** All of it. */
  bytes(): Uint8Array<ArrayBuffer> {
    return concat(this.#chunks);
  }
}
