import { concat } from "./concat.ts";
import { PxrunError } from "./errors.ts";

const MIB = 1024 * 1024;

/** How much of what others send is kept in memory at most, in bytes. What is streamed has no limit. */
export const limits = {
  /** A reply of the Proxmox API: 5,000 guests are 3 MiB. */
  reply: 64 * MIB,
  /** What a command on a node or in a container prints, where its caller takes all of it at once. */
  output: 8 * MIB,
  /** What a program of this machine prints, such as sops. */
  program: 64 * MIB,
  /** A reply of Tailscale's API. */
  tailscale: 16 * MIB,
  /** A pipe or a device that is read as a file. */
  pipe: 64 * MIB,
};

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
      throw new TooMuch("FAILED", `${this.#what} is larger than ${this.#most / MIB} MiB`, {
        hint: "nothing that works as it should sends as much: look at who answers there",
      });
    }
  }

  /** All of it. */
  bytes(): Uint8Array<ArrayBuffer> {
    return concat(this.#chunks);
  }
}
