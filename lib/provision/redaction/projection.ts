/** Bytes that were decoded from a text, each with its place in the text. */
export interface Projection {
  readonly bytes: Uint8Array;
  /** Start of the byte in the text. */
  readonly from: Uint32Array;
  /** End of it in the text. */
  readonly to: Uint32Array;
}

/** Result of decoding. */
export interface Decoded extends Projection {
  /** Part of it that may be encoded once more; absent: all. */
  readonly text?: Projection;
}

/** Undoes one encoding wherever it is used; nothing where it is not used at all. */
export type Decoder = (source: Projection) => readonly Decoded[];

/** A byte that no text has, between two that do not follow each other. */
export const BREAK = 0xff;

/** The bytes of a text itself. */
export function identity(bytes: Uint8Array): Projection {
  const from = new Uint32Array(bytes.length);
  const to = new Uint32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    from[at] = at;
    to[at] = at + 1;
  }
  return { bytes, from, to };
}

/** Collects decoded bytes: never more than the source has, and a few. */
export class Writer {
  length = 0;
  readonly #source: Projection;
  readonly #bytes: Uint8Array;
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;

  constructor(source: Projection) {
    const room = source.bytes.length + 8;
    this.#source = source;
    this.#bytes = new Uint8Array(room);
    this.#from = new Uint32Array(room);
    this.#to = new Uint32Array(room);
  }

  /** Adds a byte that stands for `length` ones of the source. */
  byte(value: number, at: number, length: number): void {
    this.#bytes[this.length] = value;
    this.#from[this.length] = this.#source.from[at] ?? 0;
    this.#to[this.length++] = this.#source.to[at + length - 1] ?? 0;
  }

  /** Adds the bytes of a character. */
  point(code: number, at: number, length: number): void {
    for (const value of utf8(code)) this.byte(value, at, length);
  }

  /** Adds what was written elsewhere. */
  add({ bytes, from, to }: Projection): void {
    this.#bytes.set(bytes, this.length);
    this.#from.set(from, this.length);
    this.#to.set(to, this.length);
    this.length += bytes.length;
  }

  /** All from a byte on. */
  since(start: number): Projection {
    return {
      bytes: this.#bytes.subarray(start, this.length),
      from: this.#from.subarray(start, this.length),
      to: this.#to.subarray(start, this.length),
    };
  }
}

function utf8(code: number): readonly number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | code >> 6, 0x80 | code & 63];
  if (code < 0x10000) {
    // Half of a pair is what an encoder makes of it.
    const known = code >= 0xd800 && code < 0xe000 ? 0xfffd : code;
    return [0xe0 | known >> 12, 0x80 | known >> 6 & 63, 0x80 | known & 63];
  }
  return [0xf0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63];
}
