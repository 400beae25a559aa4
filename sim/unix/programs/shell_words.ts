import type { Program } from "../os/process.ts";
import { formatEscapes, formatPrintf } from "../shell/printf.ts";
import { TestError, testExpression } from "../shell/test_expression.ts";
import { fail } from "./options.ts";

function test(bracket: boolean): Program {
  return async (process) => {
    const words = process.argv.slice(1);
    if (bracket && words.pop() !== "]") return await fail(process, "missing ']'", 2);
    try {
      return testExpression(process, words) ? 0 : 1;
    } catch (error) {
      if (!(error instanceof TestError)) throw error;
      return await fail(process, error.message, 2);
    }
  };
}

/** Builtins of shells that /usr/bin has too. */
export const SHELL_WORDS: Readonly<Record<string, Program>> = {
  test: test(false),
  "[": test(true),
  echo: async (process) => {
    const words = process.argv.slice(1);
    const option = /^-[neE]+$/.test(words[0] ?? "") ? words.shift() ?? "" : "";
    const text = words.join(" ");
    const shown = option.includes("e") ? formatEscapes(text, "echo").text : text;
    await process.out(shown + (option.includes("n") ? "" : "\n"));
    return 0;
  },
  printf: async (process) => {
    const [format, ...values] = process.argv.slice(1);
    if (format === undefined) return await fail(process, "missing operand");
    const { text, problem } = formatPrintf(format, values);
    await process.out(text);
    return problem === undefined ? 0 : await fail(process, problem);
  },
  pwd: async (process) => {
    await process.out(`${process.cwd}\n`);
    return 0;
  },
};
