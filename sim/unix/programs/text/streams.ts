import { textOf } from "../../os/bytes.ts";
import type { Program } from "../../os/process.ts";
import { readOptions } from "../options.ts";
import { all, chunks, eachInput } from "./inputs.ts";

const cat: Program = async (process) => {
  const { operands } = readOptions(process, { flags: "u" });
  return await eachInput(process, operands, async (file) => {
    for await (const chunk of chunks(process, file)) await process.out(chunk);
  });
};

const wc: Program = async (process) => {
  const { operands, has } = readOptions(process, { flags: "lwc" });
  const wanted = has("l", "w", "c") ? [has("l"), has("w"), has("c")] : [true, true, true];
  return await eachInput(process, operands, async (file, name) => {
    const text = textOf(await all(process, file));
    const counts = [
      text.split("\n").length - 1,
      text.split(/\s+/).filter((word) => word !== "").length,
      text.length,
    ];
    const shown = counts.filter((_, index) => wanted[index]).map(String);
    const width = shown.length > 1 ? 7 : 0;
    const line = shown.map((count) => count.padStart(width)).join(" ");
    await process.out(`${line}${operands.length === 0 ? "" : ` ${name}`}\n`);
  });
};

/** Programs that copy or count bytes. */
export const STREAMS: Readonly<Record<string, Program>> = { cat, wc };
