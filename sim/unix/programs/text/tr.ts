import { bytesOf, textOf } from "../../os/bytes.ts";
import type { Program } from "../../os/process.ts";
import { LeftOut } from "../../not_here.ts";
import { readOptions } from "../options.ts";

/** The bytes that a set stands for, in order: each itself, but for `\\t` and `\\n`. */
function expand(set: string): string[] {
  return [...set.replaceAll("\\t", "\t").replaceAll("\\n", "\n")];
}

/** `tr`, byte by byte: replaces, or with `-d` deletes. */
export const tr: Program = async (process) => {
  const { has, operands: [from = "", to] } = readOptions(process, {
    flags: "d",
  });
  if (/.-.|\[:|\\[^tn]/.test(`${from} ${to}`)) {
    throw new LeftOut(process.argv.join(" "));
  }
  const second = expand(to ?? "");
  const map = new Map(expand(from).map((char, index) => [char, second[index] ?? second.at(-1)]));
  for (let chunk; (chunk = await process.read(0)) !== undefined;) {
    const chars = [...textOf(chunk)];
    const kept = has("d")
      ? chars.filter((char) => !map.has(char))
      : chars.map((char) => map.get(char) ?? char);
    await process.out(bytesOf(kept.join("")));
  }
  return 0;
};
