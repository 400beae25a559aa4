import { concat } from "../core/bytes.ts";
import { DOTS, type Secret } from "../core/secret.ts";
import { matchAt, type Needle, needlesOf, reduce } from "./redaction/needle.ts";
import { begunAt, projections } from "./redaction/projections.ts";

/** Number of characters that are inspected at once. */
const SLICE = 65_536;
/**
 * Number of bytes already given out that are inspected again: the first bytes of a secret may have been at
 * the end of a line, too few to hold the line back for them.
 */
const CONTEXT = 64;
/** Number of bytes of a line that may follow a secret that shows it once more, as in a hex dump. */
const WIDEST_LINE = 96;
/** From how many bytes of a secret on at the end of a line the line is held back. */
const TELLING = 3;
/** Replaces secrets in text that comes in chunks. */
export interface Redactor {
  /** The text that can be shown now; its end may be held back until more is known. */
  push(text: string): string;
  /** The rest. */
  end(): string;
}

/** A part of the bytes that are looked at. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Secret ranges of some bytes, and the index from which more has to be known first. */
interface Sight {
  readonly found: readonly Range[];
  readonly hold: number;
}

/**
 * Replaces secrets by dots, also where they are split over chunks and lines or stand encoded:
 * they are sought in all that can be decoded from the text in one step or two. Time grows with the
 * text alone, and memory does not.
 */
export function redactor(secrets: readonly Secret[]): Redactor {
  const needles = needlesOf(secrets);
  if (needles.length === 0) return { push: (text) => text, end: () => "" };
  const look = sightOf(needles);
  let context: Uint8Array = new Uint8Array();
  let held: Uint8Array = new Uint8Array();
  /** Number of held bytes of a secret whose dots were given out. */
  let covered = 0;

  function take(text: string, final: boolean): string {
    const bytes = concat([context, held, encoder.encode(text)]);
    const start = context.length;
    const { found, hold } = look(bytes, final);
    const end = Math.max(start, hold);
    let shown = "";
    let at = start;
    for (const range of merged([{ from: start, to: start + covered }, ...found])) {
      if (range.to <= at) continue;
      if (range.from >= end) break;
      if (range.from > at) shown += decoder.decode(bytes.subarray(at, range.from));
      if (covered === 0 || at > start || range.from > start) shown += DOTS;
      at = range.to;
    }
    if (at < end) shown += decoder.decode(bytes.subarray(at, end));
    covered = Math.max(0, at - end, start + covered - end);
    held = bytes.slice(end);
    context = bytes.slice(Math.max(0, end - CONTEXT), end);
    return shown;
  }

  return {
    push: (text) => slices(text).map((slice) => take(slice, false)).join(""),
    end: () => take("", true),
  };
}

/** The same for a whole text. */
export function redact(text: string, secrets: readonly Secret[]): string {
  const redacting = redactor(secrets);
  return redacting.push(text) + redacting.end();
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Parts of whole characters. */
function slices(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + SLICE);
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end++;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

/** Ranges that overlap are one; those that only touch are two. */
function merged(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || range.from >= last.to) found.push(range);
    else found[found.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return found;
}

/** Looks for needles in bytes and in all that they may encode. */
function sightOf(needles: readonly Needle[]): (bytes: Uint8Array, final: boolean) => Sight {
  const byStart = Map.groupBy(needles, ({ bytes }) => startOf(bytes, 0));
  const byFirst = Map.groupBy(needles, ({ bytes }) => bytes[0]);
  // An array is asked several times as fast as a map, and mostly says no.
  const starts = new Uint8Array(65_536);
  for (const start of byStart.keys()) starts[start] = 1;
  return (bytes, final) => {
    const found: Range[] = [];
    const endsLine = bytes.at(-1) === NEWLINE;
    const open = !final && !endsLine;
    let hold = open ? begunAt(bytes) : bytes.length;
    for (const projection of projections(bytes, open)) {
      const reduced = reduce(projection.bytes);
      const compare = (candidates: readonly Needle[] | undefined, at: number): void => {
        for (const needle of candidates ?? []) {
          const match = matchAt(needle, projection, reduced, at);
          if (match === undefined) continue;
          const from = projection.from[match.from] ?? 0;
          if (match.whole) {
            const to = projection.to[match.to - 1] ?? from;
            found.push({ from, to });
            if (open && bytes.length - to < WIDEST_LINE) hold = Math.min(hold, from);
          } else if (!final && (!endsLine || match.count >= TELLING)) hold = Math.min(hold, from);
        }
      };
      const last = reduced.bytes.length - 1;
      for (let at = 0; at < last; at++) {
        const start = startOf(reduced.bytes, at);
        if (starts[start] === 1) compare(byStart.get(start), at);
      }
      if (last >= 0) compare(byFirst.get(reduced.bytes[last]), last);
    }
    return { found, hold };
  };
}

const NEWLINE = 10;

/** Two bytes as a number. */
function startOf(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}
