import type { Program } from "../os/system.ts";
import { bytesOf, textOf } from "../os/bytes.ts";
import { fail, readOptions } from "./options.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /\d/,
  alnum: /[A-Za-z\d]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t-\r]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[\da-fA-F]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  cntrl: /[^ -~\x80-\xff]/,
};

const ALL = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** The bytes that a set of `tr` stands for, in order. */
function expand(set: string): string[] {
  const result: string[] = [];
  for (let rest = set; rest !== "";) {
    const named = /^\[:(\w+):\]/.exec(rest);
    if (named !== null) {
      const pattern = CLASSES[named[1] ?? ""];
      result.push(...ALL.filter((char) => pattern?.test(char)));
      rest = rest.slice(named[0].length);
      continue;
    }
    const [first, length] = one(rest);
    rest = rest.slice(length);
    if (!/^-[^]/.test(rest)) {
      result.push(first);
      continue;
    }
    const [last, more] = one(rest.slice(1));
    rest = rest.slice(1 + more);
    result.push(...ALL.slice(first.charCodeAt(0), last.charCodeAt(0) + 1));
  }
  return result;
}

/** The first byte of a set, and how many characters write it. */
function one(text: string): [char: string, length: number] {
  const octal = /^\\([0-7]{1,3})/.exec(text);
  if (octal !== null) {
    return [String.fromCharCode(parseInt(octal[1] ?? "", 8) & 255), octal[0].length];
  }
  if (!/^\\[^]/.test(text)) return [text.charAt(0), 1];
  const letter = text.charAt(1);
  return [ESCAPES[letter] ?? letter, 2];
}

/** `tr`, byte by byte. */
export const tr: Program = async (process) => {
  const { has, operands: [from, to] } = readOptions(process.argv.slice(1), {
    flags: "cCdst",
    long: "complement delete squeeze-repeats truncate-set1",
  });
  if (from === undefined) return await fail(process, "missing operand");
  const named = expand(from);
  const first = has("c", "C", "complement") ? ALL.filter((char) => !named.includes(char)) : named;
  const second = to === undefined ? [] : expand(to);
  const deletes = has("d", "delete");
  const squeezes = has("s", "squeeze-repeats")
    ? new Set(to === undefined ? first : second)
    : undefined;
  if (to === undefined && !deletes && squeezes === undefined) {
    return await fail(process, `missing operand after '${from}'`);
  }
  const map = new Map(first.map((char, index) => [char, second[index] ?? second.at(-1) ?? char]));
  let last = "";
  for (let chunk; (chunk = await process.read(0)) !== undefined;) {
    let result = "";
    for (const char of textOf(chunk)) {
      if (deletes && map.has(char)) continue;
      const next = deletes ? char : map.get(char) ?? char;
      if (squeezes?.has(next) === true && next === last) continue;
      result += last = next;
    }
    await process.out(bytesOf(result));
  }
  return 0;
};
