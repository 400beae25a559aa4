import { hexDigit } from "./escapes.ts";
import { BREAK, type Decoder, type Projection, Writer } from "./projection.ts";

/** One way to show bytes as numbers between blanks. */
interface Numbers {
  /** A number as it may stand anywhere. */
  readonly number: RegExp;
  /** The same at the end of a text that may go on. */
  readonly whole: RegExp;
  readonly base: number;
  /** Number of bytes of a number, the last one first; 0: two digits each. */
  readonly bytes: number;
}

/** Bytes, and what `od` and `hexdump` show unless asked for bytes: words of this machine. */
const KINDS: readonly Numbers[] = [
  { number: /^-?\d{1,3}$/, whole: /^-?\d{1,3}$/, base: 10, bytes: 1 },
  { number: /^[0-7]{1,3}$/, whole: /^[0-7]{1,3}$/, base: 8, bytes: 1 },
  { number: /^[0-7]{6}$/, whole: /^[0-7]{6}$/, base: 8, bytes: 2 },
  { number: /^\d{1,5}$/, whole: /^\d{5}$/, base: 10, bytes: 2 },
  { number: /^[\da-f]{4}$/i, whole: /^[\da-f]{4}$/i, base: 16, bytes: 0 },
  { number: /^(?:[\da-f]{2}){1,4}$/i, whole: /^[\da-f]{8}$/i, base: 16, bytes: 0 },
  { number: /^(?:[\da-f]{2}){1,8}$/i, whole: /^[\da-f]{16}$/i, base: 16, bytes: 0 },
];
/** The fewest bytes that are taken for a text. */
const SHORTEST = 4;
/** The digits of the shortest offset that has no colon behind it. */
const SHORTEST_OFFSET = 6;
/** The longest number. */
const LONGEST = 17;
const [NEWLINE, BLANK, HYPHEN] = [10, 32, 45];
/** Characters between numbers: blanks, and the brackets around all of them. */
const SEPARATORS: ReadonlySet<number> = new Set([9, NEWLINE, 13, BLANK, 40, 41, 91, 93]);
const NUMBER = /^(?:-?\d{1,3}|[\da-f]+:?)$/i;

/** A word of a line. */
interface Word {
  readonly at: number;
  readonly text: string;
  /** True if it begins a line. */
  readonly first: boolean;
}

/** Numbers between blanks, each line of them behind an offset or not. */
export const numbers: Decoder = (source) => {
  const words = [...numerals(source.bytes)];
  // Most texts have a number here and there.
  if (!words.some(({ text }, at) => text !== "" && words[at + 1]?.text !== "")) return [];
  return KINDS.map((kind) => decoded(source, words, kind)).filter(({ bytes }) =>
    bytes.length >= SHORTEST
  );
};

function decoded(source: Projection, words: readonly Word[], kind: Numbers): Projection {
  const writer = new Writer(source);
  let begun = 0;
  const stop = (at: number): void => {
    // Fewer numbers are those of any text.
    if (writer.length - begun < SHORTEST) writer.length = begun;
    else writer.byte(BREAK, at, 1);
    begun = writer.length;
  };
  for (const { at, text } of words) {
    const atEnd = at + text.length === source.bytes.length;
    if (text === "") stop(at);
    else if ((atEnd ? kind.whole : kind.number).test(text)) {
      for (const value of bytesOf(text, kind)) {
        if (writer.length < source.bytes.length) writer.byte(value, at, text.length);
      }
    } else if (!atEnd) stop(at);
  }
  return writer.since(0);
}

function bytesOf(text: string, { base, bytes }: Numbers): readonly number[] {
  if (bytes === 0) {
    return Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)).toReversed();
  }
  const value = parseInt(text, base);
  if (value > (bytes === 1 ? 255 : 65_535)) return [BREAK];
  return bytes === 1 ? [value & 255] : [value & 255, value >> 8];
}

/** The words that may be numbers, without offsets; an empty one where others stand. */
function* numerals(bytes: Uint8Array): Generator<Word> {
  let held: Word | undefined;
  for (const word of wordsOf(bytes)) {
    if (held !== undefined) {
      // What begins a line and has another length than what follows is where the line is.
      const offset = held.text.length >= SHORTEST_OFFSET &&
        (word.first || word.text.length !== held.text.length ||
          word.at + word.text.length === bytes.length);
      if (!offset) yield held;
    }
    held = undefined;
    const { text, first } = word;
    if (first && text.endsWith(":")) continue;
    if (first && text !== "") held = word;
    else yield word;
  }
  if (held !== undefined && held.text.length < SHORTEST_OFFSET) yield held;
}

function beginsNumber(byte: number): boolean {
  return byte === HYPHEN || hexDigit(byte) >= 0;
}

/** The words of a text; what stands beside the numbers of a dump is left out. */
function* wordsOf(bytes: Uint8Array): Generator<Word> {
  let first = true;
  let blanks = 0;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    if (SEPARATORS.has(byte)) {
      if (byte === NEWLINE) first = true;
      blanks = byte === BLANK ? blanks + 1 : 0;
      at++;
      continue;
    }
    let end = at;
    while (end < bytes.length && !SEPARATORS.has(bytes[end] ?? 0)) end++;
    const text = end - at > LONGEST || !beginsNumber(byte)
      ? ""
      : String.fromCharCode(...bytes.subarray(at, end));
    const isNumber = text !== "" && NUMBER.test(text);
    if (!isNumber && !first && blanks > 1) {
      const newline = bytes.indexOf(NEWLINE, at);
      at = newline < 0 ? bytes.length : newline;
      continue;
    }
    yield { at, text: isNumber ? text : "", first };
    first = false;
    blanks = 0;
    at = end;
  }
}
