import { textOf } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { OpenFile } from "../os/open_file.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions, refuse } from "./options.ts";
import { all, chunks, eachInput } from "./inputs.ts";

const cat: Program = async (process) => {
  const { operands, unknown, has } = readOptions(process.argv.slice(1), { flags: "unAvetsb" });
  if (unknown !== undefined) return await refuse(process, unknown);
  let line = 0;
  return await eachInput(process, operands, async (file) => {
    if (has("A", "v", "e", "t")) {
      return await process.out(visible(textOf(await all(process, file)), has));
    }
    if (!has("n")) {
      for await (const chunk of chunks(process, file)) await process.out(chunk);
      return;
    }
    const text = textOf(await all(process, file));
    await process.out(text.replace(/^(?=[^])/gm, () => `${String(++line).padStart(6)}\t`));
  });
};

/** Text as `cat -A` shows it. */
function visible(text: string, has: (...names: string[]) => boolean): string {
  return [...text].map((char) => {
    const code = char.charCodeAt(0);
    if (char === "\n") return has("A", "e") ? "$\n" : char;
    if (char === "\t") return has("A", "t") ? "^I" : char;
    const low = code & 127;
    const shown = low < 32 || low === 127
      ? `^${String.fromCharCode(low ^ 64)}`
      : String.fromCharCode(low);
    return code > 127 ? `M-${shown}` : shown;
  }).join("");
}

const tee: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), { flags: "aip", long: "append" });
  const files: OpenFile[] = [];
  let status = 0;
  for (const name of operands) {
    try {
      files.push(process.open(name, has("a", "append") ? "append" : "write").hold());
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = await fail(process, `${name}: ${error.message}`);
    }
  }
  for await (const chunk of chunks(process, process.fd(0))) {
    for (const file of files) await file.write(chunk);
    await process.out(chunk);
  }
  for (const file of files) file.release();
  return status;
};

const wc: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "lwcm",
    long: "lines words bytes chars",
  });
  const total = [0, 0, 0];
  const every = !has("l", "w", "c", "m", "lines", "words", "bytes", "chars");
  const show = async (counts: readonly number[], name: string) => {
    const wanted = [
      every || has("l", "lines"),
      every || has("w", "words"),
      every || has("c", "m", "bytes", "chars"),
    ];
    const shown = counts.filter((_, index) => wanted[index]).map(String);
    const width = shown.length > 1 ? 7 : 0;
    const text = shown.map((count) => count.padStart(width)).join(" ");
    await process.out(`${text}${name === "-" ? "" : ` ${name}`}\n`);
  };
  const status = await eachInput(process, operands, async (file, name) => {
    const text = textOf(await all(process, file));
    const counts = [
      text.split("\n").length - 1,
      text.split(/\s+/).filter((word) => word !== "").length,
      text.length,
    ];
    counts.forEach((count, index) => total[index] = (total[index] ?? 0) + count);
    await show(counts, operands.length === 0 ? "-" : name);
  });
  if (operands.length > 1) await show(total, "total");
  return status;
};

const cmp: Program = async (process) => {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "slb",
    long: "silent quiet",
  });
  const [left = "", right = "-"] = operands;
  const contents: Uint8Array[] = [];
  const quiet = has("s", "silent", "quiet");
  for (const name of [left, right]) {
    try {
      contents.push(name === "-" ? await process.readAll() : await process.readFile(name));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return quiet ? 2 : await fail(process, `${name}: ${error.message}`, 2);
    }
  }
  const [one = new Uint8Array(), two = new Uint8Array()] = contents;
  const common = Math.min(one.length, two.length);
  for (let at = 0; at < common; at++) {
    if (one[at] === two[at]) continue;
    if (!quiet) {
      await process.out(`${left} ${right} differ: char ${at + 1}, line ${lineAt(one, at)}\n`);
    }
    return 1;
  }
  if (one.length === two.length) return 0;
  const shorter = one.length < two.length ? left : right;
  return quiet
    ? 1
    : await fail(process, `EOF on ${shorter} after byte ${common}, in line ${lineAt(one, common)}`);
};

function lineAt(bytes: Uint8Array, at: number): number {
  return bytes.subarray(0, at).reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 1);
}

const yes: Program = async (process) => {
  const line = `${process.argv.slice(1).join(" ") || "y"}\n`;
  while (true) await process.out(line.repeat(100));
};

/** Programs that copy, count or compare bytes. */
export const STREAMS: Readonly<Record<string, Program>> = { cat, tee, wc, cmp, yes };
