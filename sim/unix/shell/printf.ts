import { notHere } from "../not_here.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  e: "\x1b",
};

/** Backslash escapes, as `echo` and `%b` (`\0ooo`) or a format (`\ooo`) know them. */
export function formatEscapes(
  text: string,
  style: "echo" | "format",
): { readonly text: string; readonly stopped: boolean } {
  const octal = style === "echo" ? "0[0-7]{0,3}" : "[0-7]{1,3}";
  // In a format, `\\c` is nothing special.
  const end = style === "echo" ? "(c)" : "([])";
  const escape = new RegExp(
    `^\\\\(?:([abfnrtve\\\\"'])|(${octal})|x([\\da-fA-F]{1,2})|${end})`,
  );
  let result = "";
  for (let rest = text; rest !== "";) {
    const match = escape.exec(rest);
    if (match === null) {
      result += rest.charAt(0);
      rest = rest.slice(1);
      continue;
    }
    const [whole, letter, digits, hex, stop] = match;
    if (stop !== undefined) return { text: result, stopped: true };
    if (letter !== undefined) result += SIMPLE[letter] ?? letter;
    else {
      const code = digits === undefined ? parseInt(hex ?? "", 16) : parseInt(digits, 8);
      result += String.fromCharCode(code & 255);
    }
    rest = rest.slice(whole.length);
  }
  return { text: result, stopped: false };
}

/** Output of `printf`; the format is used again while values are left. */
export function formatPrintf(
  format: string,
  values: readonly string[],
): { readonly text: string; readonly problem: string | undefined } {
  const rest = [...values];
  const state: State = { next: () => rest.shift(), problem: undefined, stopped: false };
  let text = "";
  do {
    const left = rest.length;
    text += once(format, state);
    if (state.stopped || rest.length === left) break;
  } while (rest.length > 0);
  return { text, problem: state.problem };
}

interface State {
  readonly next: () => string | undefined;
  problem: string | undefined;
  stopped: boolean;
}

function once(format: string, state: State): string {
  let result = "";
  for (let rest = format; rest !== "" && !state.stopped;) {
    const match = /^%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])/.exec(rest);
    if (match !== null) {
      result += directive(match, state);
      rest = rest.slice(match[0].length);
      continue;
    }
    const plain = /^(?:\\(?:[0-7]{1,3}|x[\da-fA-F]{1,2}|[^])|[^])/.exec(rest)?.[0] ?? rest;
    const { text, stopped } = formatEscapes(plain, "format");
    result += text;
    state.stopped ||= stopped;
    rest = rest.slice(plain.length);
  }
  return result;
}

function directive(match: RegExpExecArray, state: State): string {
  const [whole, flags = "", widthText, precisionText, letter = ""] = match;
  if (letter === "%") return "%";
  if (!/[sbdiouxX]/.test(letter)) {
    state.problem = notHere(`%${letter}`);
    return "";
  }
  const number = (text: string | undefined) =>
    text === undefined ? undefined : Number(text === "*" ? state.next() : text);
  const width = number(widthText);
  const precision = number(precisionText) ?? (whole.includes(".") ? 0 : undefined);
  const value = state.next();
  const text = convert(letter, value ?? "", flags, precision, state);
  const pad = flags.includes("0") && !flags.includes("-") && /[dioxXu]/.test(letter) ? "0" : " ";
  if (width === undefined) return text;
  if (flags.includes("-")) return text.padEnd(width, " ");
  const sign = pad === "0" ? /^[-+]?/.exec(text)?.[0] ?? "" : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, pad);
}

function convert(
  letter: string,
  value: string,
  flags: string,
  precision: number | undefined,
  state: State,
): string {
  switch (letter) {
    case "s":
      return value.slice(0, precision);
    case "b": {
      const { text, stopped } = formatEscapes(value, "echo");
      state.stopped ||= stopped;
      return text.slice(0, precision);
    }
    default: {
      const number = integer(value, state);
      const base = { o: 8, x: 16, X: 16 }[letter] ?? 10;
      const digits = Math.abs(number).toString(base).padStart(precision ?? 0, "0");
      const sign = number < 0 ? "-" : flags.includes("+") ? "+" : "";
      return sign + (letter === "X" ? digits.toUpperCase() : digits);
    }
  }
}

function integer(text: string, state: State): number {
  const number = text === "" ? 0 : Number(text);
  if (Number.isInteger(number)) return number;
  state.problem = `${text}: expected numeric value`;
  return parseInt(text) || 0;
}
