import { BREAK, type Decoder, Writer } from "./projection.ts";

/** What `od -c` shows of a character that is none to see. */
const LETTERS: ReadonlyMap<string, number> = new Map(
  Object.entries({ "0": 0, a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }),
);
const [NEWLINE, BLANK, ZERO, NINE, COMMA] = [10, 32, 48, 57, 44];
/** `od` gives each byte as many characters. */
const CELL = 4;

const CELLS = String.raw`((?: (?: {2}[!-~]| \\[0abfnrtv]|[0-7]{3}| {3}))*)`;
/** A line of `od -c` or `od -b` behind its offset: bytes in cells of the same width. */
const LINE = new RegExp(`^(?:[0-7]{6,8})?${CELLS}$`);
/** The same where the text ends amid a line. */
const BEGUN_LINE = new RegExp(`^(?:[0-7]{6,8})?${CELLS}.{0,3}$`);

/** The lines of `od -c` and `od -b`. */
export const octalDump: Decoder = (source) => {
  const { bytes } = source;
  const writer = new Writer(source);
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    // No dump has longer lines.
    const text = end - at > 160 ? "" : String.fromCharCode(...bytes.subarray(at, end));
    const cells = (newline < 0 ? BEGUN_LINE : LINE).exec(text)?.[1] ?? "";
    if (cells === "") {
      if (writer.length > 0 && text !== "" && newline >= 0) writer.byte(BREAK, at, 1);
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
  if (shown.length === 2) return LETTERS.get(shown.charAt(1)) ?? BLANK;
  return shown === "" ? BLANK : shown.charCodeAt(0);
}

/** The fewest numbers that are taken for the bytes of a text. */
const SHORTEST = 4;

/** Bytes as decimal numbers with commas, as programming languages print them. */
export const decimals: Decoder = (source) => {
  const { bytes } = source;
  if (!bytes.includes(COMMA)) return [];
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
    while (digit(bytes[end]) && end - at < 4) value = value * 10 + (bytes[end++] ?? 0) - ZERO;
    if (end > at) {
      if (value > 255) stop(at);
      else writer.byte(value, at, end - at);
      at = end;
    } else if (bytes[at] === COMMA && digit(bytes[at - 1])) at++;
    else if (bytes[at] === BLANK || bytes[at] === NEWLINE) at++;
    else stop(at++);
  }
  used ||= writer.length - begun > 0;
  return used ? [writer.since(0)] : [];
};

function digit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
