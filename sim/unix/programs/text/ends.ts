import { textOf } from "../../os/bytes.ts";
import type { OpenFile } from "../../os/open_file.ts";
import type { Process, Program } from "../../os/process.ts";
import { readOptions } from "../options.ts";
import { all, eachInput } from "./inputs.ts";

/** `head -5` as `head -n 5`. */
function spellCount(process: Process): void {
  process.argv = process.argv.flatMap((word, index) =>
    index === 1 && /^-\d+$/.test(word) ? ["-n", word.slice(1)] : [word]
  );
}

const head: Program = async (process) => {
  spellCount(process);
  const { value, operands } = readOptions(process, {
    valued: "nc",
    flags: "q",
    longValued: "lines bytes",
  });
  const bytes = value("c", "bytes");
  const lines = Number(value("n", "lines") ?? 10);
  return await eachInput(process, operands, async (file) => {
    if (bytes !== undefined) return await copyBytes(process, file, size(bytes));
    await copyLines(process, file, lines);
  });
};

async function copyBytes(process: Process, file: OpenFile, count: number): Promise<void> {
  for (let left = count; left > 0;) {
    const chunk = await process.wait(file.read(Math.min(left, 65536)));
    if (chunk === undefined) return;
    await process.out(chunk);
    left -= chunk.length;
  }
}

async function copyLines(process: Process, file: OpenFile, count: number): Promise<void> {
  for (let left = count; left > 0;) {
    const chunk = await process.wait(file.read(65536));
    if (chunk === undefined) return;
    let end = 0;
    while (left > 0 && end < chunk.length) if (chunk[end++] === 10) left--;
    file.unread(chunk.subarray(end));
    await process.out(chunk.subarray(0, end));
  }
}

function size(text: string): number {
  const match = /^(\d+)([kKMG]?)/.exec(text);
  const unit = { k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match?.[2] ?? ""] ?? 1;
  return Number(match?.[1] ?? 0) * unit;
}

const tail: Program = async (process) => {
  spellCount(process);
  const { value, operands } = readOptions(process, {
    valued: "nc",
    flags: "fFq",
    longValued: "lines bytes",
  });
  return await eachInput(process, operands, async (file) => {
    const text = textOf(await all(process, file));
    const bytes = value("c", "bytes");
    if (bytes !== undefined) {
      const at = bytes.startsWith("+") ? Number(bytes) - 1 : Math.max(0, text.length - size(bytes));
      return await process.out(text.slice(at));
    }
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const count = value("n", "lines") ?? "10";
    const from = count.startsWith("+")
      ? Math.max(0, Number(count) - 1)
      : Math.max(0, lines.length - Math.abs(Number(count)));
    await process.out(lines.slice(from).join(""));
  });
};

/** Programs that show the beginning or the end of a file. */
export const ENDS: Readonly<Record<string, Program>> = { head, tail };
