import { BREAK, type Decoder, Writer } from "./projection.ts";

const NEWLINE = 10;
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
