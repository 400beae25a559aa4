import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { bytesOf, textOf } from "../../os/bytes.ts";
import type { Program } from "../../os/process.ts";
import { fail, readOptions } from "../options.ts";
import { all, eachInput } from "./inputs.ts";

const base64: Program = async (process) => {
  const { operands, has, value } = readOptions(process, {
    flags: "di",
    valued: "w",
    long: "decode ignore-garbage",
    longValued: "wrap",
  });
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

const sha256sum: Program = (process) =>
  eachInput(process, process.argv.slice(1), async (file, name) => {
    const digest = createHash("sha256").update(await all(process, file)).digest("hex");
    await process.out(`${digest}  ${name}\n`);
  });

/** Programs that encode bytes or sum them up. */
export const ENCODINGS: Readonly<Record<string, Program>> = { base64, sha256sum };
