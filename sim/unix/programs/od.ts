import { concat } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions } from "./options.ts";

const LETTERS: Readonly<Record<number, string>> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

/** How one byte is shown, and how wide. */
const FORMATS: Readonly<Record<string, readonly [width: number, show: (byte: number) => string]>> =
  {
    x1: [2, (byte) => byte.toString(16).padStart(2, "0")],
    o1: [3, (byte) => byte.toString(8).padStart(3, "0")],
    u1: [3, String],
    c: [3, (byte) => LETTERS[byte] ?? character(byte)],
  };

function character(byte: number): string {
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, "0");
}

/** `od`, one byte at a time: `-t x1|o1|u1|c`. */
export const od: Program = async (process) => {
  const { has, value, operands } = readOptions(process.argv.slice(1), {
    flags: "cvbx",
    valued: "AtNj",
    longValued: "address-radix format read-bytes skip-bytes",
  });
  const type = has("c") ? "c" : value("t", "format") ?? "o1";
  const [width, show] = FORMATS[type] ?? [0, String];
  if (width === 0) return await fail(process, `invalid type string '${type}'`);
  let bytes: Uint8Array;
  try {
    const inputs = operands.length > 0 ? operands : ["-"];
    bytes = concat(
      await Promise.all(
        inputs.map((name) => name === "-" ? process.readAll() : process.readFile(name)),
      ),
    );
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return await fail(process, `${operands[0]}: ${error.message}`);
  }
  const skip = Number(value("j", "skip-bytes") ?? 0);
  const shown = bytes.subarray(skip, skip + Number(value("N", "read-bytes") ?? bytes.length));
  const radix = value("A", "address-radix") ?? "o";
  const address = (at: number) =>
    radix === "n"
      ? ""
      : at.toString({ d: 10, x: 16 }[radix] ?? 8).padStart(radix === "x" ? 6 : 7, "0");
  let text = "";
  for (let at = 0; at < shown.length; at += 16) {
    const row = Array.from(shown.subarray(at, at + 16), (byte) => ` ${show(byte).padStart(width)}`);
    text += `${address(skip + at)}${row.join("")}\n`;
  }
  await process.out(text + (radix === "n" ? "" : `${address(skip + shown.length)}\n`));
  return 0;
};
