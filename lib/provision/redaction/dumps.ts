import { hexDigit } from "./escapes.ts";
import { BREAK, type Decoder, type Projection, Writer } from "./projection.ts";

/** Names of `od -c` for invisible characters. */
const LETTERS: ReadonlyMap<string, number> = new Map(
  Object.entries({ "0": 0, a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }),
);
const [NEWLINE, BLANK, ZERO, NINE, COMMA] = [10, 32, 48, 57, 44];
/** `od` gives each byte as many characters. */
const CELL = 4;

/** Names of `od -a` for them. */
const NAMES: ReadonlyMap<string, number> = new Map(
  Object.entries({ sp: 32, nl: 10, ht: 9, cr: 13 }),
);
const CELLS = String.raw`((?: (?: {2}[!-~]| \\[0abfnrtv]| (?:sp|nl|ht|cr)|[0-7]{3}| {3}))*)`;
const OFFSET = String.raw`(?:[\da-f]{6,8}| {6,8}(?= {3}\S| [0-7]{3}| {2}\\))?`;
/** A line of `od -a`, `-c` or `-b` behind its offset: bytes in cells of the same width. */
const LINE = new RegExp(`^${OFFSET}${CELLS}$`);
/** The same where the text ends amid a line. */
const BEGUN_LINE = new RegExp(`^${OFFSET}${CELLS}.{0,3}$`);
/** Lines of `od -tx1c` between those: the same bytes once more. */
const OTHER_LINE = /^[\da-f]{6,8}(?: +[\da-f]{2})*$/;

/** The lines of `od -c` and `od -b`. */
export const octalDump: Decoder = (source) => {
  const { bytes } = source;
  const writer = new Writer(source);
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    // No dump has longer lines, or others.
    const dumped = end - at <= 300 && (bytes[at] === BLANK || hexDigit(bytes[at] ?? 0) >= 0);
    const text = !dumped ? "" : String.fromCharCode(...bytes.subarray(at, end));
    const cells = (newline < 0 ? BEGUN_LINE : LINE).exec(text)?.[1] ?? "";
    if (cells === "") {
      if (writer.length > 0 && end > at && newline >= 0 && !OTHER_LINE.test(text)) {
        writer.byte(BREAK, at, 1);
      }
    } else {
      const start = at + text.indexOf(cells);
      for (let index = 0; index < cells.length; index += CELL) {
        writer.byte(cell(cells.slice(index, index + CELL)), start + index, CELL);
      }
    }
    at = end + 1;
  }
  return writer.length === 0 ? [] : [writer.since(0)];
};

function cell(text: string): number {
  const shown = text.trimStart();
  if (shown.length === 3) return parseInt(shown, 8) & 255;
  const named = NAMES.get(shown);
  if (named !== undefined) return named;
  if (shown.length === 2) return LETTERS.get(shown.charAt(1)) ?? BLANK;
  return shown === "" ? BLANK : shown.charCodeAt(0);
}

const LAST_POINT = 0x10ffff;
/** The fewest numbers that are taken for the bytes of a text. */
const SHORTEST = 4;

/** Bytes or characters as decimal numbers with commas, as programming languages print them. */
export const decimals: Decoder = (source) => {
  if (!source.bytes.includes(COMMA)) return [];
  return [...listed(source, false), ...listed(source, true)];
};

function listed(source: Projection, points: boolean): Projection[] {
  const { bytes } = source;
  const writer = new Writer(source);
  let begun = 0;
  let used = false;
  const stop = (at: number): void => {
    used ||= writer.length - begun >= SHORTEST;
    if (writer.length > begun) writer.byte(BREAK, at, 1);
    begun = writer.length;
  };
  for (let at = 0; at < bytes.length;) {
    let value = 0;
    let end = at;
    while (digit(bytes[end]) && end - at < 7) value = value * 10 + (bytes[end++] ?? 0) - ZERO;
    if (end > at) {
      if (value > (points ? LAST_POINT : 255)) stop(at);
      else if (points) writer.point(value, at, end - at);
      else writer.byte(value, at, end - at);
      at = end;
    } else if (bytes[at] === COMMA && digit(bytes[at - 1])) at++;
    else if (bytes[at] === BLANK || bytes[at] === NEWLINE) at++;
    else stop(at++);
  }
  used ||= writer.length - begun > 0;
  return used ? [writer.since(0)] : [];
}

function digit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
