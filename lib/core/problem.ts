import type { Remedy } from "./remedy.ts";
import type { ErrorCode } from "./errors.ts";

/** The way to a value in a document: keys, and indexes of lists (-1: one past the end). */
export type Path = readonly (string | number)[];

/**
 * Location in a text; both count from 1.
 *
 * @category Errors
 */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * One thing that is wrong in what the user wrote.
 *
 * @category Errors
 */
export interface Problem {
  /** The dotted path as it was written; empty when it concerns no single value. */
  readonly path: string;
  /** A whole sentence without its full stop; never holds a secret. */
  readonly message: string;
  /** Replacement, where the message does not say it. */
  readonly hint?: string;
  /** Commands of pxrun that may help. */
  readonly remedies?: readonly Remedy[];
  /** The file that it stands in. */
  readonly file?: string;
  /** Location in the file; absent like the file if a flag gave the value. */
  readonly line?: number;
  readonly column?: number;
  /** The flag that gave the value: `--cores`. */
  readonly source?: string;
}

/** `container.network[0].ip`; keys that are no plain word stand in brackets and quotes. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += part < 0 ? "[+]" : `[${part}]`;
    else if (!/^[A-Za-z_][\w-]*$/.test(part)) text += `[${quoted(part, Infinity)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** True if a path leads to the start of another, or all the way. */
export function isPrefix(start: Path, path: Path): boolean {
  return start.every((part, index) => path[index] === part);
}

/** True if a word has a meaning of its own in every JavaScript object, and so can be no key. */
export function isReserved(word: string): boolean {
  return word in {};
}

/** Reads what {@linkcode pathText} writes; undefined when it is not a path. */
export function parsePath(text: string): Path | undefined {
  const part = /(?:^|(?<!^)\.)([A-Za-z_][\w-]*)|\[(?:(\d{1,6})|(\+)|("(?:[^"\\]|\\.)*"))\]/y;
  const path: (string | number)[] = [];
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (found === null) return undefined;
    const [, word, index, append, inQuotes] = found;
    if (word !== undefined) path.push(word);
    else if (index !== undefined) path.push(Number(index));
    else if (append !== undefined) path.push(-1);
    else path.push(unquoted(inQuotes ?? ""));
  }
  return path.length > 0 ? path : undefined;
}

/** Text from a file between quotes, cut short, with nothing in it that a terminal would obey. */
export function quoted(text: string, longest = 60): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

/** `file:line:column: message`, or `--flag: message` for a value that a flag gave. */
export function formatProblem({ source, file, line, column, message }: Problem): string {
  if (source !== undefined) return `${source}: ${message}`;
  if (line === undefined || column === undefined) return message;
  return `${file === undefined ? "" : `${file}:`}${line}:${column}: ${message}`;
}

/** The order in which problems are read: flags first, then down the file. */
export function byPosition(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/**
 * One reason why a plan cannot be carried out.
 *
 * @category Errors
 */
export interface PlanProblem {
  readonly code: ErrorCode;
  /** Operation that failed, why, with which value. */
  readonly message: string;
  /** Next step. */
  readonly hint?: string | undefined;
  /** Commands of pxrun that may help. */
  readonly remedies?: readonly Remedy[] | undefined;
  /** The recipe's key that asks for it: `container.devices[0]`. */
  readonly path?: string;
  /** The option of the plan that would do away with it. */
  readonly offer?: "makeDirectories";
}
