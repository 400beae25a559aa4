import { type Decoder, type Projection, Writer } from "./projection.ts";

/** Meaning of an escape. */
interface Escape {
  readonly value: number;
  /** Number of bytes that it takes. */
  readonly length: number;
  /** True if the value is a character; otherwise it is a byte, or may be either. */
  readonly point: boolean;
}

/**
 * A decoder for escapes that begin with a character; all else stays as it is. Where an escape may
 * mean a byte or a character, both are decoded.
 */
function escapes(
  start: string,
  read: (bytes: Uint8Array, at: number) => Escape | undefined,
): Decoder {
  const begin = start.charCodeAt(0);
  return (source) => {
    const { bytes } = source;
    let [used, doubtful] = [false, false];
    const decode = (points: boolean): Projection => {
      const writer = new Writer(source);
      for (let at = 0; at < bytes.length;) {
        const value = bytes[at] ?? 0;
        const found = value === begin ? read(bytes, at) : undefined;
        if (found === undefined) {
          writer.byte(value, at++, 1);
          continue;
        }
        used = true;
        doubtful ||= !found.point && found.value > 127;
        if (found.point || points) writer.point(found.value, at, found.length);
        else writer.byte(found.value, at, found.length);
        at += found.length;
      }
      return writer.since(0);
    };
    if (!bytes.includes(begin)) return [];
    const asBytes = decode(false);
    if (!used) return [];
    return doubtful ? [asBytes, decode(true)] : [asBytes];
  };
}

/** A number of `least` to `most` hexadecimal digits at a place, and how many they are. */
export function hex(
  bytes: Uint8Array,
  at: number,
  least: number,
  most: number,
): readonly [value: number, digits: number] | undefined {
  let value = 0;
  let count = 0;
  for (; count < most; count++) {
    const digit = hexDigit(bytes[at + count] ?? 0);
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  return count < least ? undefined : [value, count];
}

/** The value of a hexadecimal digit; -1 for other bytes. */
export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function octal(
  bytes: Uint8Array,
  at: number,
): readonly [value: number, digits: number] | undefined {
  let value = 0;
  let count = 0;
  for (; count < 3; count++) {
    const digit = (bytes[at + count] ?? 0) - 48;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  return count === 0 ? undefined : [value & 255, count];
}

const [BLANK, HYPHEN, SLASH, EQUALS, QUESTION, UNDERSCORE] = [32, 45, 47, 61, 63, 95];
const [NEWLINE, PERCENT, SEMICOLON, BACKSLASH] = [10, 37, 59, 92];
const [UPPER_U, LOWER_U, LOWER_X, OPEN, CLOSE] = [85, 117, 120, 123, 125];
const LAST_POINT = 0x10ffff;

/** `\uXXXX` and `%uXXXX`, also as the two halves of a pair. */
function unit(bytes: Uint8Array, at: number, start: number): Escape | undefined {
  const [high] = hex(bytes, at + 2, 4, 4) ?? [];
  if (high === undefined) return undefined;
  if (high >= 0xd800 && high < 0xdc00 && bytes[at + 6] === start && bytes[at + 7] === LOWER_U) {
    const [low = 0] = hex(bytes, at + 8, 4, 4) ?? [];
    if (low >= 0xdc00 && low < 0xe000) {
      const value = 0x10000 + (high - 0xd800) * 1024 + low - 0xdc00;
      return { value, length: 12, point: true };
    }
  }
  return { value: high, length: 6, point: true };
}

/** `%41`, and JavaScript's old `%u0041`. */
export const percent: Decoder = escapes("%", (bytes, at) => {
  if (bytes[at + 1] === LOWER_U) return unit(bytes, at, PERCENT);
  const found = hex(bytes, at + 1, 2, 2);
  return found && { value: found[0], length: 3, point: false };
});

/** Meaning of a letter after a backslash in shells, C, JSON and JavaScript. */
const LETTERS: ReadonlyMap<number, number> = new Map(
  Object.entries({ n: 10, t: 9, r: 13, v: 11, f: 12, b: 8, a: 7, e: 27, E: 27 })
    .map(([letter, value]) => [letter.charCodeAt(0), value]),
);

/** Escapes with a backslash, of shells and of programming languages. */
export const backslash: Decoder = escapes("\\", (bytes, at) => {
  const next = bytes[at + 1];
  if (next === undefined) return undefined;
  if (next === LOWER_X || next === LOWER_U || next === UPPER_U) {
    return numbered(bytes, at, next);
  }
  const number = octal(bytes, at + 1);
  if (number !== undefined) return { value: number[0], length: number[1] + 1, point: false };
  if (next === BACKSLASH || next === NEWLINE) return { value: next, length: 2, point: true };
  const value = LETTERS.get(next);
  return value === undefined ? undefined : { value, length: 2, point: true };
});

/** `\x41`, `\u0041`, `\U00000041`, `\x{41}` and `\u{41}`. */
function numbered(bytes: Uint8Array, at: number, letter: number): Escape | undefined {
  if (bytes[at + 2] === OPEN) {
    const found = hex(bytes, at + 3, 1, 6);
    if (found === undefined || bytes[at + 3 + found[1]] !== CLOSE) return undefined;
    return { value: Math.min(found[0], LAST_POINT), length: found[1] + 4, point: true };
  }
  if (letter === LOWER_U) return unit(bytes, at, BACKSLASH);
  const found = letter === LOWER_X ? hex(bytes, at + 2, 1, 2) : hex(bytes, at + 2, 8, 8);
  if (found === undefined) return undefined;
  const [value, digits] = found;
  return { value: Math.min(value, LAST_POINT), length: digits + 2, point: letter === UPPER_U };
}

/** `\\2b` of directories (LDAP), and `\\043` in decimal as in names of DNS. */
export const numberedBackslash: readonly Decoder[] = [
  escapes("\\", (bytes, at) => {
    const found = hex(bytes, at + 1, 2, 2);
    return found && { value: found[0], length: 3, point: false };
  }),
  escapes("\\", (bytes, at) => {
    const digits = /^\d{3}$/.exec(String.fromCharCode(...bytes.subarray(at + 1, at + 4)));
    const value = Number(digits?.[0] ?? 256);
    return value > 255 ? undefined : { value, length: 4, point: false };
  }),
];

/** Path as systemd writes it in the name of a unit: each slash is a hyphen. */
export const unitName: Decoder = (source) => {
  if (!source.bytes.includes(HYPHEN)) return [];
  const bytes = source.bytes.map((byte) => byte === HYPHEN ? SLASH : byte);
  const path = { ...source, bytes };
  const decoded = backslash(path);
  return decoded.length > 0 ? decoded : [path];
};

/** The same as quoted printable in a line of a mail's head: a blank is `_`. */
export const mailHead: Decoder = (source) => {
  if (!source.bytes.some((byte, at) => byte === QUESTION && source.bytes[at - 1] === EQUALS)) {
    return [];
  }
  const bytes = source.bytes.map((byte) => byte === UNDERSCORE ? BLANK : byte);
  const text = { ...source, bytes };
  return [text, ...quotedPrintable(text)];
};

const ENTITIES: ReadonlyMap<string, number> = new Map(
  Object.entries({ amp: 38, lt: 60, gt: 62, quot: 34, apos: 39, nbsp: 32 }),
);

/** `&amp;`, `&#38;` and `&#x26;` of HTML and XML. */
export const entities: Decoder = escapes("&", (bytes, at) => {
  const end = bytes.subarray(at, at + 12).indexOf(SEMICOLON);
  if (end < 2) return undefined;
  const name = String.fromCharCode(...bytes.subarray(at + 1, at + end));
  const [, hexadecimal, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? [];
  const value = hexadecimal !== undefined
    ? parseInt(hexadecimal, 16)
    : decimal !== undefined
    ? Number(decimal)
    : ENTITIES.get(name);
  if (value === undefined || value > LAST_POINT) return undefined;
  return { value, length: end + 1, point: true };
});

/** Bytes beyond ASCII as `cat -v` writes them: `M-C` and `M-^@`. */
export const caret: Decoder = escapes("M", (bytes, at) => {
  if (bytes[at + 1] !== 45) return undefined;
  const control = bytes[at + 2] === 94;
  const byte = bytes[at + (control ? 3 : 2)];
  if (byte === undefined || byte < 32 || byte > 126) return undefined;
  return { value: (control ? byte ^ 64 : byte) | 128, length: control ? 4 : 3, point: false };
});

/** Mail's `=41`, and its `=` before a line end. */
export const quotedPrintable: Decoder = escapes("=", (bytes, at) => {
  if (bytes[at + 1] === NEWLINE) return { value: NEWLINE, length: 2, point: true };
  const found = hex(bytes, at + 1, 2, 2);
  return found && { value: found[0], length: 3, point: false };
});
