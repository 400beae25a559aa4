import type { Secret } from "../../core/secret.ts";
import type { Projection } from "./projection.ts";
import { visible } from "./visible.ts";

/** Shorter values are too common in any text to be recognized. */
const SHORTEST = 4;
/** The same for one line of many, and for a text that a line end may split: `do` and `ne`. */
const SHORTEST_LINE = 8;
/** Longer ones are sought line by line only. */
const LONGEST = 4096;
/** A long line is sought in pieces, so that little has to be held back. */
const PIECE = 512;
/** Enough for keys and certificates; a larger file is not printed by accident. */
const MOST_PIECES = 2000;
/** Most characters that quoting may add between two characters. */
const WIDEST_GAP = 64;

const [TAB, NEWLINE, RETURN, BLANK, PLUS] = [9, 10, 13, 32, 43];
const [DOLLAR, DOUBLE, SINGLE] = [36, 34, 39];

/** Kinds of bytes: what has to match, and what quoting and folding put between or take out. */
const SOLID = 0, SPACE = 1, MARK = 2, NOTHING = 3;
const KINDS = new Uint8Array(256);
KINDS.fill(NOTHING, 0, BLANK);
for (const byte of [TAB, NEWLINE, 11, 12, RETURN, BLANK]) KINDS[byte] = SPACE;
for (const char of `"'\\+`) KINDS[char.charCodeAt(0)] = MARK;
KINDS[127] = NOTHING;

/** A text without what quoting adds to it, and where in it each remaining byte was. */
export interface Reduced {
  readonly bytes: Uint8Array;
  readonly places: Uint32Array;
}

/** Leaves out blanks, quotes and backslashes: so all ways to quote a text become one. */
export function reduce(bytes: Uint8Array): Reduced {
  const kept = new Uint8Array(bytes.length);
  const places = new Uint32Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (KINDS[byte] !== SOLID || byte === DOLLAR && opensQuote(bytes[at + 1])) continue;
    kept[length] = byte;
    places[length++] = at;
  }
  return { bytes: kept.subarray(0, length), places: places.subarray(0, length) };
}

/** `$'` of a shell. */
function opensQuote(next: number | undefined): boolean {
  return next === SINGLE || next === DOUBLE;
}

/** Gap before each byte of a needle, and behind the last. */
interface Gap {
  readonly space: boolean;
  /** Quotes, backslashes and plus signs of the secret itself. */
  readonly marks: readonly number[];
}

/** A text that gives a secret away, as it is sought. */
export interface Needle {
  readonly bytes: Uint8Array;
  readonly gaps: readonly Gap[];
}

/** Everything that gives one of the secrets away: each as a whole, and its longer lines. */
export function needlesOf(secrets: readonly Secret[]): Needle[] {
  const texts = new Set<string>();
  for (const text of secrets.flatMap(parts)) {
    for (const piece of pieces(text)) texts.add(piece);
    if (texts.size > MOST_PIECES) break;
  }
  const encoder = new TextEncoder();
  return [...texts].flatMap((text) => [encoder.encode(text), ...wide(text)]).map(needle)
    .filter(({ bytes }) => bytes.length > 1);
}

/**
 * A text that is not ASCII in two bytes a character, as PowerShell and Java encode it. Where all are
 * below 256 that is Latin-1 too, for zeros are left out.
 */
function wide(text: string): Uint8Array[] {
  if (/^[\0-\x7f]*$/.test(text)) return [];
  const units = Uint16Array.from(text.split(""), (unit) => unit.charCodeAt(0));
  const bytes = new Uint8Array(units.length * 2);
  const view = new DataView(bytes.buffer);
  units.forEach((unit, index) => view.setUint16(index * 2, unit, true));
  return [bytes];
}

/** A secret as a whole, and its lines; as it is and as it is seen. */
function parts(secret: Secret): string[] {
  return [...new Set([visible(secret.reveal()), secret.reveal()])].flatMap((value) => {
    const lines = value.split(/\r?\n/);
    const telling = lines.filter((line) => line.trim().length >= SHORTEST_LINE);
    return value.length <= LONGEST || lines.length === 1 ? [value, ...telling] : telling;
  });
}

/** Pieces of whole characters; the last one is as long as the others, so that it says as much. */
function pieces(text: string): string[] {
  if (text.trim().length < SHORTEST) return [];
  const chars = [...text.toWellFormed()];
  const found: string[] = [];
  for (let at = 0; at < chars.length; at += PIECE) {
    const start = Math.max(0, Math.min(at, chars.length - PIECE));
    found.push(chars.slice(start, at + PIECE).join(""));
  }
  return found;
}

function needle(bytes: Uint8Array): Needle {
  const reduced = reduce(bytes);
  const gaps: Gap[] = [];
  let at = 0;
  for (const place of [...reduced.places, bytes.length]) {
    gaps.push(gap(bytes.subarray(at, place)));
    at = place + 1;
  }
  return { bytes: reduced.bytes, gaps };
}

function gap(bytes: Uint8Array): Gap {
  return {
    space: bytes.some((byte) => KINDS[byte] === SPACE),
    marks: [...bytes].filter((byte) => KINDS[byte] === MARK),
  };
}

/** Match of a needle. */
export interface Match {
  /** Start and end of it, as indexes of the projection. */
  readonly from: number;
  readonly to: number;
  /** True if all of it is there; otherwise the text ended before. */
  readonly whole: boolean;
  /** Number of its bytes that match. */
  readonly count: number;
}

/** Compares a needle with a text from a place on. */
export function matchAt(
  { bytes, gaps }: Needle,
  { bytes: text }: Projection,
  reduced: Reduced,
  at: number,
): Match | undefined {
  const from = reduced.places[at] ?? 0;
  let last = from;
  for (let index = 1; index < bytes.length; index++) {
    const place = reduced.places[at + index];
    if (place === undefined) {
      const need = gaps[index];
      return need && mayFit(need, text, last + 1, bytes.length)
        ? { from, to: text.length, whole: false, count: index }
        : undefined;
    }
    if (reduced.bytes[at + index] !== bytes[index]) return undefined;
    const need = gaps[index];
    const adjacent = place === last + 1;
    if (!adjacent || need?.space || need?.marks.length) {
      if (need === undefined || !fits(need, text, last + 1, place, bytes.length)) return undefined;
    }
    last = place;
  }
  return {
    from: outward(gaps[0]?.marks.toReversed() ?? [], text, from, -1),
    to: outward(gaps.at(-1)?.marks ?? [], text, last, 1) + 1,
    whole: true,
    count: bytes.length,
  };
}

/** True if what stands between two bytes is what quoting makes of the needle's own gap. */
function fits(need: Gap, text: Uint8Array, from: number, to: number, length: number): boolean {
  if (to - from > WIDEST_GAP) return false;
  let [space, fold, met] = [false, false, 0];
  for (let at = from; at < to; at++) {
    const byte = text[at] ?? 0;
    if (byte === need.marks[met]) met++;
    // A form has it for a blank.
    else if (byte === PLUS) space = true;
    else if (KINDS[byte] === SPACE) {
      space = true;
      fold ||= byte === NEWLINE || byte === RETURN;
    }
  }
  if (met < need.marks.length) return false;
  if (need.space) return space;
  return !space || fold && length >= SHORTEST_LINE;
}

/** True if what stands at the end of a text may become such a gap. */
function mayFit(need: Gap, text: Uint8Array, from: number, length: number): boolean {
  if (text.length - from > WIDEST_GAP) return false;
  if (need.space || length >= SHORTEST_LINE) return true;
  return !text.subarray(from).some((byte) => KINDS[byte] === SPACE);
}

/** End of the marks around the secret. */
function outward(marks: readonly number[], text: Uint8Array, start: number, step: 1 | -1): number {
  let end = start;
  let met = 0;
  for (let at = start + step; met < marks.length; at += step) {
    const byte = text[at];
    if (byte === undefined || KINDS[byte] === SOLID) break;
    if (byte !== marks[met]) continue;
    met++;
    end = at;
  }
  return end;
}
