import { base32, base64, binary, hexadecimal, uuencoded } from "./digits.ts";
import { decimals, octalDump } from "./dumps.ts";
import {
  backslash,
  caret,
  entities,
  mailHead,
  numberedBackslash,
  percent,
  quotedPrintable,
  unitName,
} from "./escapes.ts";
import { type Decoder, identity, type Projection } from "./projection.ts";
import { numbers } from "./words.ts";

const decoders: readonly Decoder[] = [
  percent,
  backslash,
  entities,
  quotedPrintable,
  caret,
  base64,
  hexadecimal,
  octalDump,
  decimals,
];

/** Rare encodings are undone in one step only. */
const rare: readonly Decoder[] = [
  ...numberedBackslash,
  unitName,
  mailHead,
  base32,
  binary,
  numbers,
  uuencoded,
];

/** The beginning of an escape or of a number, which says nothing yet. */
const BEGUN =
  /(?:%(?:u[\da-f]{0,3}|[\da-f]?)|\\(?:[xuU]\{?[\da-f]{0,7}|[0-7]{1,2})?|&[#\w]{0,9}|=[\da-f]?|[%\\]ud[89ab][\da-f]{2}(?:[%\\](?:u[\da-f]{0,3})?)?|M(?:-\^?)?|\^|(?<=\s)-?[\da-f]{1,16})$/i;
/** None is longer, in bytes. */
const LONGEST_ESCAPE = 18;

/** Start of an escape at the end of a text that may continue. */
export function begunAt(bytes: Uint8Array): number {
  const tail = String.fromCharCode(...bytes.subarray(-LONGEST_ESCAPE));
  return bytes.length - (BEGUN.exec(tail)?.[0].length ?? 0);
}

/**
 * All that can be decoded from a text in one step or two, itself first.
 *
 * @param open Whether the text may go on with the next character: an escape at its end is then
 * left out, as it would be mistaken for what it is not.
 */
export function* projections(bytes: Uint8Array, open: boolean): Generator<Projection> {
  const closed = (source: Projection): Projection =>
    open ? upTo(source, begunAt(source.bytes)) : source;
  const text = closed(identity(bytes));
  yield text;
  for (const once of decoders.flatMap((decode) => decode(text))) {
    yield once;
    const again = closed(once.text ?? once);
    if (again.bytes.length === 0) continue;
    for (const decode of decoders) yield* decode(again);
  }
  for (const decode of rare) yield* decode(text);
}

function upTo({ bytes, from, to }: Projection, end: number): Projection {
  return { bytes: bytes.subarray(0, end), from: from.subarray(0, end), to: to.subarray(0, end) };
}
