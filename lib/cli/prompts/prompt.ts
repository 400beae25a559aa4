import type { Key, Platform } from "../../core/platform.ts";
import { Interrupted } from "../../core/errors.ts";
import { untilAborted } from "../../core/within.ts";
import { fold, shorten, width } from "../../render/width.ts";
import type { Style } from "../../render/style.ts";
import { errStyle } from "../app/colors.ts";

/** Display of a question: the typed text behind its words, and lines below. */
export interface Frame {
  readonly line: string;
  /** The part of the line before the cursor; absent: all of it. */
  readonly before?: string;
  readonly below?: readonly string[];
}

/** The end of a question. */
export interface Answered<T> {
  readonly value: T;
}

/** A question as pure state: its display, and the effect of a key. */
export interface Prompt<T> {
  /** The typed text. */
  readonly line: Editor;
  /** @param columns Width of the terminal. */
  render(style: Style, columns: number): Frame;
  /** @returns The answer, if the key gives it. */
  onKey(key: Key): Answered<T> | undefined;
  /** The answer as it stays on the screen. */
  shown(value: T): string;
}

/** Options for any question. */
export interface PromptOptions {
  readonly signal?: AbortSignal | undefined;
  /** True if Esc leaves it, with {@linkcode WentBack}. */
  readonly back?: boolean | undefined;
}

/** Esc: the question before this one is to be asked again. */
export class WentBack extends Error {
  override readonly name = "WentBack";
}

/** Text that is edited, as code points, with the place of the cursor among them. */
export interface Editor {
  readonly text: string;
  /** The text before the cursor. */
  readonly before: string;
  /** @returns True if the key has changed the text or moved the cursor. */
  onKey(key: Key): boolean;
  set(text: string): void;
}

type Keys = Readonly<Record<string, () => void>>;

/** An editor with the keys of a shell's command line. */
export function editor(): Editor {
  let points: string[] = [];
  let at = 0;
  const cut = (from: number, to: number): void => {
    points.splice(from, to - from);
    at = from;
  };
  const move = (to: number): void => void (at = Math.max(0, Math.min(points.length, to)));
  const wordStart = (): number => points.slice(0, at).join("").trimEnd().lastIndexOf(" ") + 1;
  const backspace = (): void => cut(Math.max(0, at - 1), at);
  const remove = (): void => cut(at, Math.min(points.length, at + 1));
  const left = (): void => move(at - 1);
  const right = (): void => move(at + 1);
  const home = (): void => move(0);
  const end = (): void => move(points.length);
  const named: Keys = { backspace, delete: remove, left, right, home, end };
  const withCtrl: Keys = {
    a: home,
    b: left,
    d: remove,
    e: end,
    f: right,
    h: backspace,
    k: () => cut(at, points.length),
    u: () => cut(0, at),
    w: () => cut(Math.min(at, wordStart()), at),
  };
  return {
    get text() {
      return points.join("");
    },
    get before() {
      return points.slice(0, at).join("");
    },
    onKey({ name, ctrl, text }) {
      const act = (ctrl ? withCtrl : named)[name];
      if (act !== undefined) act();
      else if (text !== "") {
        const typed = [...text];
        points.splice(at, 0, ...typed);
        at += typed.length;
      } else return false;
      return true;
    },
    set(text) {
      points = [...text];
      at = points.length;
    },
  };
}

/**
 * Asks one question on a terminal that can be drawn on. Ctrl-C in it is an interrupt like any
 * other, and so is the end of input.
 */
export async function askPrompt<T>(
  platform: Platform,
  message: string,
  prompt: Prompt<T>,
  { signal, back = false }: PromptOptions,
): Promise<T> {
  const { terminal } = platform;
  const style = errStyle({ platform });
  const { promise, resolve, reject } = Promise.withResolvers<Answered<T>>();
  const screen = drawer(terminal);
  const head = `${style.yellow("?")} ${style.bold(message)} `;
  const draw = (): void => {
    const { line, before = line, below = [] } = prompt.render(style, terminal.columns());
    screen.draw([`${head}${line}`, ...below], `${head}${before}`);
  };
  let over = false;
  const end = (settle: () => void): void => {
    over = true;
    settle();
  };
  const onKey = (key: Key): void => {
    // What was pasted behind the answer answers nothing else.
    if (over) return;
    const isEnd = key.name === "c" || key.name === "d" && prompt.line.text === "";
    if (key.ctrl && isEnd) return end(() => reject(new Interrupted(ASKING)));
    if (key.name === "escape" && back) return end(() => reject(new WentBack()));
    const answered = prompt.onKey(key);
    if (answered === undefined) return draw();
    end(() => resolve(answered));
  };
  const onEnd = (): void => end(() => reject(new Interrupted(ASKING)));
  const release = await terminal.keyboard?.listen({ onKey, onResume: draw, onEnd });
  try {
    draw();
    const { value } = await untilAborted(promise, signal);
    screen.clear();
    const shown = prompt.shown(value);
    terminal.err(`${style.green("✓")} ${message}${shown === "" ? "" : ` ${shown}`}\n`);
    return value;
  } catch (error) {
    if (error instanceof WentBack) screen.clear();
    else screen.leave();
    throw signal?.aborted ? new Interrupted(ASKING) : error;
  } finally {
    over = true;
    release?.();
  }
}

/** The work that is interrupted, when a question is. */
export const ASKING = "answering the questions";

/** Writes lines over those that it wrote before, with the cursor within them. */
function drawer({ err, columns }: Platform["terminal"]) {
  /** The rows above that of the cursor, and below it; undefined: nothing is drawn. */
  let around: { readonly above: number; readonly below: number } | undefined;
  const clear = (): void => {
    if (around !== undefined) err(`${up(around.above)}\r\x1b[J`);
    around = undefined;
  };
  return {
    clear,
    /** @param before The text before the cursor. */
    draw(lines: readonly string[], before: string): void {
      clear();
      const wide = Math.max(1, columns());
      const rows = lines.flatMap((line) => rowsOf(line, wide));
      const above = rowsOf(before, wide);
      err(lines.map((line) => fold(line, wide)).join("\n"));
      around = { above: above.length - 1, below: rows.length - above.length };
      err(`${up(around.below)}\x1b[${(above.at(-1) ?? 0) + 1}G`);
    },
    /** Goes below all of it. */
    leave(): void {
      if (around !== undefined) err("\n".repeat(around.below + 1));
      around = undefined;
    },
  };
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}

/** The widths of the rows that a line takes, folded at words; a longer word is broken. */
function rowsOf(line: string, columns: number): readonly number[] {
  return fold(line, columns).split("\n").flatMap((part) => {
    const rows: number[] = [];
    let rest = width(part);
    for (; rest > columns; rest -= columns) rows.push(columns);
    return [...rows, rest];
  });
}

/** Problem of an answer, as lines below it that fit the terminal. */
export function problemLines(problem: string, style: Style, columns: number): readonly string[] {
  // The terminal would break it inside a word.
  const [first = "", ...others] = fold(problem, columns - 3).split("\n");
  return [`${style.red(">")} ${first}`, ...others.map((line) => `  ${line}`)]
    .map((line) => shorten(line, columns - 1));
}
