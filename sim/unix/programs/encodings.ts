import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { bytesOf, textOf } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions, refuse } from "./options.ts";
import { all, eachInput } from "./inputs.ts";

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

/** Programs that encode bytes or sum them up. */
export const ENCODINGS: Readonly<Record<string, Program>> = {
  base64,
  md5sum: checksum("md5"),
  sha1sum: checksum("sha1"),
  sha256sum: checksum("sha256"),
  sha512sum: checksum("sha512"),
};
