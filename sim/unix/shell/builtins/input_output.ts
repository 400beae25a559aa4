import { TestError, testExpression } from "../test_expression.ts";
import { formatEscapes, formatPrintf } from "../printf.ts";
import { leftOut, ShellError } from "../jumps.ts";
import type { Builtin, Shell } from "../shell.ts";

const echo: Builtin = async (shell, args) => {
  const newline = args[0] !== "-n";
  const given = (newline ? args : args.slice(1)).join(" ");
  // dash knows escapes without being asked.
  const { text, stopped } = shell.state.flavor === "dash"
    ? formatEscapes(given, "echo")
    : { text: given, stopped: false };
  await shell.process.out(text + (newline && !stopped ? "\n" : ""));
  return 0;
};

const printf: Builtin = async (shell, args) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  const [format, ...values] = words;
  if (format === undefined) throw new ShellError("usage: printf format [arg ...]");
  const { text, problem } = formatPrintf(format, values);
  await shell.process.out(text);
  if (problem === undefined) return 0;
  await shell.complain(`printf: ${problem}`);
  return 1;
};

const test: Builtin = (shell, args, name) => {
  if (name === "[" && args.at(-1) !== "]") throw new ShellError("missing ]");
  try {
    return testExpression(shell.process, name === "[" ? args.slice(0, -1) : args) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    throw new ShellError(error.message);
  }
};

const read: Builtin = async (shell, args) => {
  const raw = args[0] === "-r";
  const names = raw ? args.slice(1) : args;
  const line = await shell.process.readLine(0);
  const complete = line?.endsWith("\n") === true;
  const text = (line ?? "").replace(/\n$/, "");
  if (!raw && text.includes("\\")) throw leftOut("read of a backslash without -r");
  assignFields(shell, text, names);
  return complete ? 0 : 1;
};

function assignFields(shell: Shell, text: string, names: readonly string[]): void {
  const ifs = shell.state.get("IFS") ?? " \t\n";
  const blanks = [...ifs].filter((char) => /\s/.test(char)).join("");
  const blank = (i: number) => blanks.includes(text.charAt(i) || "x");
  let at = 0;
  let end = text.length;
  while (at < end && blank(at)) at++;
  while (end > at && blank(end - 1)) end--;
  names.forEach((name, index) => {
    const start = at;
    const last = index === names.length - 1;
    while (at < end && (last || !ifs.includes(text.charAt(at)))) at++;
    shell.state.set(name, text.slice(start, at));
    while (at < end && blank(at)) at++;
    if (at < end && ifs.includes(text.charAt(at)) && !last) at++;
    while (at < end && blank(at)) at++;
  });
}

/** Builtins that read and write. */
export const INPUT_OUTPUT: Readonly<Record<string, Builtin>> = {
  echo,
  printf,
  read,
  test,
  "[": test,
};
