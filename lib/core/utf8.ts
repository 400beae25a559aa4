import type { Problem } from "./problem.ts";

/** Byte order marks of encodings that are not UTF-8, the longer ones first. */
const MARKS: readonly (readonly [name: string, ...bytes: readonly number[]])[] = [
  ["UTF-32", 0xff, 0xfe, 0, 0],
  ["UTF-32", 0, 0, 0xfe, 0xff],
  ["UTF-16", 0xff, 0xfe],
  ["UTF-16", 0xfe, 0xff],
];

/**
 * The text of a file that has to be UTF-8, or where it is not. A wrong byte that is replaced
 * unnoticed would change what is written into a container.
 */
export function readUtf8(bytes: Uint8Array): string | Problem {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) {
    return { path: "", message: `the file is ${wide}; save it as UTF-8`, line: 1, column: 1 };
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return wrongByte(bytes);
  }
}

/** UTF-16 and UTF-32 by their marks; without a mark, by the zero beside the first character. */
export function wideEncoding(bytes: Uint8Array): string | undefined {
  const marked = MARKS.find(([, ...mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (marked !== undefined) return marked[0];
  const [first, second] = bytes;
  return first !== undefined && second !== undefined && (first === 0) !== (second === 0)
    ? "UTF-16"
    : undefined;
}

function wrongByte(bytes: Uint8Array): Problem {
  const good = goodPrefix(bytes);
  const lines = good.split("\n");
  const at = new TextEncoder().encode(good).length;
  const byte = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, "0");
  return {
    path: "",
    message: `not UTF-8: byte ${byte}; save the file as UTF-8`,
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
  };
}

/** All whole characters before the first byte that is wrong. */
function goodPrefix(bytes: Uint8Array): string {
  // Decoding as a stream fails exactly when a wrong byte is among those that it was given.
  const decode = (length: number): string | undefined => {
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return decoder.decode(bytes.subarray(0, length), { stream: true });
    } catch {
      return undefined;
    }
  };
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decode(middle) === undefined) bad = middle;
    else good = middle;
  }
  return decode(good) ?? "";
}
