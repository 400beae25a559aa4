import { hex, hexDigit } from "./escapes.ts";
import { BREAK, type Decoded, type Decoder, Writer } from "./projection.ts";

/** Digits of an encoding. */
interface Digits {
  /** Number of bits of a digit. */
  readonly bits: number;
  /** Number of digits that a byte may begin with. */
  readonly phases: number;
  /** The fewest digits that are taken for a run of them. */
  readonly shortest: number;
  /** The value of a digit; negative for other bytes. */
  readonly values: Int8Array;
  /** The index behind what may stand between two digits. */
  readonly skip: (bytes: Uint8Array, at: number) => number;
}

const [TAB, NEWLINE, RETURN, BLANK, PLUS] = [9, 10, 13, 32, 43];

/**
 * Decodes runs of digits, from each of the first ones on: it is not known which digit of a run begins
 * a byte.
 */
function runs({ bits, phases, shortest, values, skip }: Digits): Decoder {
  return (source) => {
    const { bytes } = source;
    const places = new Uint32Array(bytes.length);
    /** End of a digit in a dump: behind the text beside it. */
    const until = new Uint32Array(bytes.length);
    /** Ends of runs, as indexes of `places`. */
    const ends: number[] = [];
    let start = 0;
    let count = 0;
    let line = 0;
    for (let at = 0; at < bytes.length;) {
      const behind = skip(bytes, at);
      if (behind > at) {
        if (bytes[at] === NEWLINE) line = count;
        else if (bytes[behind] === NEWLINE) until.fill(behind, line, count);
        at = behind;
      } else if ((values[bytes[at] ?? 0] ?? -1) >= 0) {
        places[count++] = at++;
        until[count - 1] = at;
      } else {
        if (count - start >= shortest) {
          ends.push(count);
          start = count;
        } else count = start;
        at++;
      }
    }
    // What stands at the end may go on.
    if (count > start) ends.push(count);
    return ends.length === 0 ? [] : Array.from({ length: phases }, (_, phase): Decoded => {
      const all = new Writer(source);
      const text = new Writer(source);
      let begin = phase;
      for (const [index, end] of ends.entries()) {
        const before = all.length;
        let [held, known, readable] = [0, 0, 0];
        /**
         * Start of the byte: a digit that ends another byte is not counted in, as it was given
         * out already where the text comes digit by digit.
         */
        let first: number | undefined;
        for (let digit = begin; digit < end; digit++) {
          const place = places[digit] ?? 0;
          first ??= place;
          held = (held << bits | (values[bytes[place] ?? 0] ?? 0)) & 0xffff;
          known += bits;
          if (known < 8) continue;
          known -= 8;
          const value = held >> known & 255;
          if (value > 31 && value < 127 || value === NEWLINE) readable++;
          all.byte(value, first, (until[digit] ?? 0) - first);
          first = undefined;
        }
        if (index < ends.length - 1) all.byte(BREAK, places[end - 1] ?? 0, 1);
        // Mere words would make noise, which is not worth another look.
        if (readable * 4 >= (all.length - before) * 3) text.add(all.since(before));
        begin = end + phase;
      }
      return { ...all.since(0), text: text.since(0) };
    });
  };
}

/** Most characters around a line end where digits are folded: quotes, a plus, a `>` of mail. */
const WIDEST_FOLD = 24;

/**
 * The index behind a line end amid digits, and behind what is no digit around it: blanks, quotes of
 * a literal in several lines, and the number that `nl` gives a line.
 */
function foldOf(values: Int8Array): (bytes: Uint8Array, at: number) => number {
  const isDigit = (bytes: Uint8Array, at: number): boolean =>
    (values[bytes[at] ?? 0] ?? -1) >= 0 && (bytes[at] !== PLUS || bytes[at - 1] !== BLANK);
  return (bytes, at) => {
    if (isDigit(bytes, at)) return at;
    let end = at;
    let folded = false;
    for (; end < bytes.length && end - at < WIDEST_FOLD && !isDigit(bytes, end); end++) {
      folded ||= bytes[end] === NEWLINE || bytes[end] === RETURN;
    }
    if (!folded) return at;
    let number = end;
    while (number - end < 6 && decimalDigit(bytes[number])) number++;
    if (number === end || bytes[end - 1] !== BLANK) return end;
    // What stands at the end may become one.
    if (number === bytes.length) return number;
    return bytes[number] === TAB ? number + 1 : end;
  };
}

function decimalDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** The index behind a line end and what is blank around it, as where long lines are folded. */
function behindFold(bytes: Uint8Array, at: number): number {
  if ((bytes[at] ?? 0) > BLANK) return at;
  let end = at;
  let folded = false;
  for (; end < bytes.length; end++) {
    const byte = bytes[end];
    if (byte === NEWLINE || byte === RETURN) folded = true;
    else if (byte !== BLANK && byte !== TAB) break;
  }
  return folded ? end : at;
}

/** The two alphabets differ in their last characters only. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SEXTETS = new Int8Array(256).fill(-1);
for (const last of ["+/", "-_"]) {
  [...LETTERS, ...last].forEach((char, index) => SEXTETS[char.charCodeAt(0)] = index);
}

/** Four characters are three bytes; folded lines are one run. */
export const base64: Decoder = runs({
  bits: 6,
  phases: 4,
  shortest: 6,
  values: SEXTETS,
  skip: foldOf(SEXTETS),
});

const QUINTETS = new Int8Array(256).fill(-1);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"].forEach((char, index) => {
  QUINTETS[char.charCodeAt(0)] = index;
  QUINTETS[char.toLowerCase().charCodeAt(0)] = index;
});

/** Eight characters are five bytes. Shorter runs are words of any text. */
export const base32: Decoder = runs({
  bits: 5,
  phases: 8,
  shortest: 16,
  values: QUINTETS,
  skip: foldOf(QUINTETS),
});

/** Number of bytes that a line of a hex dump repeats as text. */
const DUMPED = 32;
const [HYPHEN, ZERO, COLON, LOWER_X] = [45, 48, 58, 120];
/** Indentation by `od` of the other forms of a line's bytes. */
const INDENTED = 9;
/** Characters between two numbers: ` "',-:`. */
const SEPARATORS: ReadonlySet<number> = new Set([32, 34, 39, 44, 45, 58]);
/** The longest offset of a line, in digits. */
const OFFSET = 8;

/** The index behind what hex dumps have between bytes: text beside them, and the offset of a line. */
function behindSeparator(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte === ZERO) return bytes[at + 1] === LOWER_X ? at + 2 : at;
  if (byte > COLON) return at;
  const folded = behindFold(bytes, at);
  if (folded > at) {
    if (folded - at > INDENTED && !onlyDigits(bytes, folded)) return lineEnd(bytes, folded);
    const end = folded + (hex(bytes, folded, 1, OFFSET)?.[1] ?? 0);
    // What stands at the end may become one.
    if (end === bytes.length) return end;
    if (end - folded < 6) return folded;
    if (end > folded && bytes[end] === COLON) return end + 1;
    return end > folded && bytes[end] === BLANK ? end : folded;
  }
  if (byte === BLANK && bytes[at + 1] === BLANK) {
    // Amid a line what follows is not known yet; digits are taken for what they are.
    if (onlyDigits(bytes, at)) return at + 2;
    const beside = bytes.subarray(at, at + DUMPED + 5).indexOf(NEWLINE);
    if (beside >= 0) return at + beside;
    return at + DUMPED + 5 > bytes.length ? bytes.length : at + 2;
  }
  return SEPARATORS.has(byte) ? at + 1 : at;
}

function lineEnd(bytes: Uint8Array, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline < 0 ? bytes.length : newline;
}

/** True if pairs of digits between blanks follow up to the end of the line or text. */
function onlyDigits(bytes: Uint8Array, at: number): boolean {
  let digits = 0;
  for (let end = at; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    if (byte === NEWLINE) return digits !== 1 && digits < 3;
    if (byte === ZERO && bytes[end + 1] === LOWER_X) end++;
    else if (hexDigit(byte) >= 0) digits++;
    else if (byte === HYPHEN || !SEPARATORS.has(byte) || digits === 1 || digits > 2) return false;
    else digits = 0;
    if (end - at > DUMPED * 4) return false;
  }
  return digits <= 2;
}

/** Two digits are a byte; the lines of a dump are one run. */
export const hexadecimal: Decoder = runs({
  bits: 4,
  phases: 2,
  shortest: 8,
  values: Int8Array.from({ length: 256 }, (_, byte) => hexDigit(byte)),
  skip: behindSeparator,
});

/** Eight digits are a byte, as `xxd -b` shows it with its text beside it. */
export const binary: Decoder = runs({
  bits: 1,
  phases: 8,
  shortest: 32,
  values: Int8Array.from(
    { length: 256 },
    (_, byte) => byte === ZERO ? 0 : byte === ZERO + 1 ? 1 : -1,
  ),
  skip: behindSeparator,
});

/** The first character of a line is how many bytes the line has; this is none. */
const NONE = 32;
/** The last character. */
const LAST = 96;
/** The most bytes of a line. */
const LONGEST = 45;

/** The lines of `uuencode`: four characters are three bytes. */
export const uuencoded: Decoder = (source) => {
  const { bytes } = source;
  const writer = new Writer(source);
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const size = (bytes[at] ?? 0) - NONE;
    const digits = Math.ceil(size / 3) * 4;
    // Blanks at the end may be missing, a checksum may follow, and all may at the end of the text.
    const fits = size > 0 && size <= LONGEST && end - at <= digits + 2 &&
      (end - at > digits - 3 || newline < 0) &&
      bytes.subarray(at + 1, end).every((byte) => byte >= NONE && byte <= LAST);
    if (fits) {
      let [held, known] = [0, 0];
      for (let digit = at + 1; digit < Math.min(end, at + 1 + digits); digit++) {
        held = (held << 6 | ((bytes[digit] ?? NONE) - NONE & 63)) & 0xffff;
        known += 6;
        if (known < 8) continue;
        known -= 8;
        writer.byte(held >> known & 255, digit - 1, 2);
      }
    } else if (writer.length > 0) writer.byte(BREAK, at, Math.max(1, end - at));
    at = end + 1;
  }
  return writer.length === 0 ? [] : [writer.since(0)];
};
