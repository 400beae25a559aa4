import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { bytesOf, concat, textOf } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { OpenFile } from "../os/open_file.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions, refuse } from "./options.ts";

/** Opens each operand in turn (`-` and none: standard input); an unreadable one is complained about. */
async function eachInput(
  process: Process,
  operands: readonly string[],
  use: (file: OpenFile, name: string) => Promise<void>,
): Promise<number> {
  let status = 0;
  for (const name of operands.length > 0 ? operands : ["-"]) {
    let file: OpenFile | undefined;
    try {
      file = (name === "-" ? process.fd(0) : process.open(name, "read")).hold();
      await use(file, name);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = await fail(process, `${name}: ${error.message}`);
    } finally {
      file?.release();
    }
  }
  return status;
}

async function* chunks(process: Process, file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let chunk; (chunk = await process.wait(file.read(65536))) !== undefined;) yield chunk;
}

async function all(process: Process, file: OpenFile): Promise<Uint8Array> {
  return concat(await Array.fromAsync(chunks(process, file)));
}

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
  const control = (char: string) => `^${String.fromCharCode(char.charCodeAt(0) ^ 64)}`;
  const shown = text.replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, control).replaceAll(
    /[\x80-\xff]/g,
    (char) => `M-${visible(String.fromCharCode(char.charCodeAt(0) & 127), () => false)}`,
  );
  const tabs = has("A", "t") ? shown.replaceAll("\t", "^I") : shown;
  return has("A", "e") ? tabs.replaceAll("\n", "$\n") : tabs;
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

/** `head -5` as `head -n 5`. */
function countOption(args: readonly string[]): string[] {
  return args.flatMap((word, index) =>
    index === 0 && /^-\d+$/.test(word) ? ["-n", word.slice(1)] : [word]
  );
}

const head: Program = async (process) => {
  const { value, operands } = readOptions(countOption(process.argv.slice(1)), {
    valued: "nc",
    flags: "qv",
    longValued: "lines bytes",
  });
  const bytes = value("c", "bytes");
  const lines = Number(value("n", "lines") ?? 10);
  return await eachInput(process, operands, async (file, name) => {
    if (operands.length > 1) await process.out(`==> ${name} <==\n`);
    if (bytes !== undefined) return await copyBytes(process, file, size(bytes));
    if (lines < 0) {
      const parts = textOf(await all(process, file)).match(/[^\n]*\n|[^\n]+$/g) ?? [];
      return await process.out(parts.slice(0, lines).join(""));
    }
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
  const { value, operands } = readOptions(countOption(process.argv.slice(1)), {
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

const base64: Program = async (process) => {
  const { operands, has, value, unknown } = readOptions(process.argv.slice(1), {
    flags: "di",
    valued: "w",
    long: "decode ignore-garbage",
    longValued: "wrap",
  });
  if (unknown !== undefined) return await refuse(process, unknown);
  let invalid = false;
  const status = await eachInput(process, operands, async (file) => {
    const text = textOf(await all(process, file));
    if (!has("d", "decode")) {
      return await process.out(encode(text, Number(value("w", "wrap") ?? 76)));
    }
    const clean = text.replace(/\n/g, "");
    invalid = !/^[A-Za-z0-9+/]*={0,2}$/.test(clean) || clean.length % 4 === 1;
    await process.out(Uint8Array.from(Buffer.from(clean, "base64")));
  });
  return invalid ? await fail(process, "invalid input") : status;
};

function encode(text: string, width: number): string {
  const whole = Buffer.from(bytesOf(text)).toString("base64");
  if (width === 0 || whole === "") return whole;
  return whole.replace(new RegExp(`.{1,${width}}`, "g"), "$&\n");
}

function checksum(algorithm: string): Program {
  return async (process) => {
    const { operands, has } = readOptions(process.argv.slice(1), {
      flags: "cbtsw",
      long: "check status quiet strict warn",
    });
    const digest = (bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("hex");
    if (has("c", "check")) {
      return await checkSums(process, operands, digest, has("s", "status", "quiet"));
    }
    return await eachInput(process, operands, async (file, name) => {
      await process.out(`${digest(await all(process, file))}  ${name}\n`);
    });
  };
}

async function checkSums(
  process: Process,
  operands: readonly string[],
  digest: (bytes: Uint8Array) => string,
  silent: boolean,
): Promise<number> {
  let failed = 0;
  const status = await eachInput(process, operands, async (file) => {
    for (const line of textOf(await all(process, file)).split("\n")) {
      const match = /^([\da-f]+) [ *](.+)$/.exec(line);
      const name = match?.[2];
      if (match === null || name === undefined) continue;
      let verdict = "FAILED";
      try {
        if (digest(await process.readFile(name)) === match[1]) verdict = "OK";
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        verdict = "FAILED open or read";
      }
      if (verdict !== "OK") failed++;
      if (!silent) await process.out(`${name}: ${verdict}\n`);
    }
  });
  return failed > 0 ? 1 : status;
}

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

/** Programs that copy, count or compare bytes as they stream. */
export const STREAMS: Readonly<Record<string, Program>> = {
  cat,
  tee,
  head,
  tail,
  wc,
  base64,
  cmp,
  yes,
  md5sum: checksum("md5"),
  sha1sum: checksum("sha1"),
  sha256sum: checksum("sha256"),
  sha512sum: checksum("sha512"),
};
