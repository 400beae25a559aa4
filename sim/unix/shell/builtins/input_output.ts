import type { Shell } from "../shell.ts";
import { TestError, testExpression } from "../test_expression.ts";
import { formatEscapes, formatPrintf } from "../printf.ts";
import { ShellError } from "../state.ts";
import type { Builtin } from "./mod.ts";

const echo: Builtin = async (shell, args) => {
  const words = [...args];
  let newline = true;
  let escapes = shell.state.flavor === "dash";
  while (/^-[neE]+$/.test(words[0] ?? "")) {
    const option = words[0] ?? "";
    if (shell.state.flavor === "dash" && option !== "-n") break;
    words.shift();
    if (option.includes("n")) newline = false;
    if (option.includes("e")) escapes = true;
    if (option.includes("E")) escapes = false;
  }
  const text = words.join(" ");
  const { text: shown, stopped } = escapes ? formatEscapes(text, "echo") : { text, stopped: false };
  await shell.process.out(shown + (newline && !stopped ? "\n" : ""));
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

interface ReadOptions {
  raw: boolean;
  prompt: string;
  count: number | undefined;
  delimiter: number;
  fd: number;
  readonly names: string[];
}

function readOptions(args: readonly string[]): ReadOptions {
  const options: ReadOptions = {
    raw: false,
    prompt: "",
    count: undefined,
    delimiter: 10,
    fd: 0,
    names: [],
  };
  const rest = [...args];
  for (let word; (word = rest.shift()) !== undefined;) {
    if (!/^-./.test(word)) options.names.push(word);
    else if (word.includes("r")) options.raw = true;
    if (word === "-p") options.prompt = rest.shift() ?? "";
    if (word === "-n" || word === "-N") options.count = Number(rest.shift());
    if (word === "-d") options.delimiter = (rest.shift() ?? "").charCodeAt(0) || 0;
    if (word === "-u") options.fd = Number(rest.shift());
    if (word === "-t") rest.shift();
  }
  return options;
}

const read: Builtin = async (shell, args) => {
  const options = readOptions(args);
  if (options.prompt !== "") await shell.process.err(options.prompt);
  const { text, complete } = await readText(shell, options);
  assignFields(shell, text, options);
  return complete ? 0 : 1;
};

/** Reads a logical line: without `-r`, a backslash before its end continues it. */
async function readText(
  shell: Shell,
  { raw, count, delimiter, fd }: ReadOptions,
): Promise<{ readonly text: string; readonly complete: boolean }> {
  const end = String.fromCharCode(delimiter);
  if (count !== undefined) {
    const bytes = await shell.process.read(fd, count);
    return { text: String.fromCharCode(...bytes ?? []), complete: bytes !== undefined };
  }
  let text = "";
  while (true) {
    const line = await shell.process.readLine(fd, delimiter);
    if (line === undefined || !line.endsWith(end)) {
      return { text: text + (line ?? ""), complete: false };
    }
    const body = line.slice(0, -1);
    if (raw || !/(^|[^\\])(\\\\)*\\$/.test(body)) return { text: text + body, complete: true };
    text += body.slice(0, -1);
  }
}

function assignFields(shell: Shell, text: string, { raw, names }: ReadOptions): void {
  const ifs = shell.state.get("IFS") ?? " \t\n";
  const blanks = [...ifs].filter((char) => /\s/.test(char)).join("");
  const chars = [...text];
  const isEscaped = new Set<number>();
  if (!raw) {
    for (let i = 0; i < chars.length; i++) {
      if (chars[i] !== "\\") continue;
      chars.splice(i, 1);
      isEscaped.add(i);
    }
  }
  const blank = (i: number) => !isEscaped.has(i) && blanks.includes(chars[i] ?? "x");
  const separates = (i: number) => !isEscaped.has(i) && ifs.includes(chars[i] ?? "");
  const wanted = names.length > 0 ? names : ["REPLY"];
  let at = 0;
  let end = chars.length;
  while (at < end && blank(at)) at++;
  while (end > at && blank(end - 1)) end--;
  wanted.forEach((name, index) => {
    const start = at;
    const last = index === wanted.length - 1;
    while (at < end && (last || !separates(at))) at++;
    shell.state.set(name, chars.slice(start, at).join(""));
    while (at < end && blank(at)) at++;
    if (at < end && separates(at) && !last) at++;
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
