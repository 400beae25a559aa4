import { hex, hexDigit } from "./escapes.ts";
import { BREAK, type Decoded, type Decoder, Writer } from "./projection.ts";

/** How the digits of an encoding are written. */
interface Digits {
  /** How many bits a digit has. */
  readonly bits: number;
  /** How many digits there are to begin a byte with. */
  readonly phases: number;
  /** The fewest digits that are taken for a run of them. */
  readonly shortest: number;
  /** The value of a digit; negative for other bytes. */
  readonly values: Int8Array;
  /** The index behind what may stand between two digits. */
  readonly skip: (bytes: Uint8Array, at: number) => number;
}

const [TAB, NEWLINE, RETURN, BLANK] = [9, 10, 13, 32];

/**
 * Decodes runs of digits, from each of the first ones on: it is not known which digit of a run begins
 * a byte.
 */
function runs({ bits, phases, shortest, values, skip }: Digits): Decoder {
  return (source) => {
    const { bytes } = source;
    const places = new Uint32Array(bytes.length);
    /** Where what a dump says of a digit ends: behind the text beside it. */
    const until = new Uint32Array(bytes.length);
    /** Where runs end, as indexes of `places`. */
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
        let [held, known, first, readable] = [0, 0, 0, 0];
        for (let digit = begin; digit < end; digit++) {
          const place = places[digit] ?? 0;
          if (known === 0) first = place;
          held = (held << bits | (values[bytes[place] ?? 0] ?? 0)) & 0xffff;
          known += bits;
          if (known < 8) continue;
          known -= 8;
          const value = held >> known & 255;
          if (value > 31 && value < 127 || value === NEWLINE) readable++;
          all.byte(value, first, (until[digit] ?? 0) - first);
          first = place;
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
  skip: behindFold,
});

/** How many bytes a line of a hex dump shows once more as text. */
const DUMPED = 16;
const [ZERO, COLON, LOWER_X] = [48, 58, 120];
/** What may stand between two numbers: ` "',-:`. */
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
    const end = folded + (hex(bytes, folded, 1, OFFSET)?.[1] ?? 0);
    // What stands at the end may become one.
    if (end === bytes.length) return end;
    if (end - folded < 6) return folded;
    if (end > folded && bytes[end] === COLON) return end + 1;
    return end > folded && bytes[end] === BLANK ? end : folded;
  }
  if (byte === BLANK && bytes[at + 1] === BLANK) {
    const beside = bytes.subarray(at, at + DUMPED + 5).indexOf(NEWLINE);
    if (beside >= 0) return at + beside;
    return at + DUMPED + 5 > bytes.length ? bytes.length : at + 2;
  }
  return SEPARATORS.has(byte) ? at + 1 : at;
}

/** Two digits are a byte; the lines of a dump are one run. */
export const hexadecimal: Decoder = runs({
  bits: 4,
  phases: 2,
  shortest: 8,
  values: Int8Array.from({ length: 256 }, (_, byte) => hexDigit(byte)),
  skip: behindSeparator,
});
