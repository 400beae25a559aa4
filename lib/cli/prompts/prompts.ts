import { plain, plainLine } from "../../core/plain.ts";
import type { Key, Platform } from "../../core/platform.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { untilAborted } from "../../core/within.ts";
import type { Style } from "../../render/style.ts";
import { shorten } from "../../render/width.ts";
import {
  type Answered,
  ASKING,
  askPrompt,
  editor,
  problemLines,
  type Prompt,
  type PromptOptions,
  WentBack,
} from "./prompt.ts";

/** One thing to choose. */
export interface Choice {
  readonly value: string;
  /** Text beside it while it can be chosen. */
  readonly note?: string;
}

/** The answer that goes back on a terminal that gives whole lines only. */
const BACK_LINE = "<";

/** A terminal that can move its cursor gets the editing prompts, any other plain lines. */
function canEdit({ env, terminal }: Platform): boolean {
  return env["TERM"] !== "dumb" && terminal.keyboard !== undefined;
}

/** Asks a plain question, repeatedly until the answer fits. */
async function askLine<T>(
  { terminal }: Platform,
  question: string,
  accept: (answer: string) => Answered<T> | { readonly problem: string },
  { signal, back = false }: PromptOptions,
): Promise<T> {
  while (true) {
    terminal.err(plain(question));
    const line = await untilAborted(terminal.readLine(), signal);
    if (line === undefined) throw new Interrupted(ASKING);
    const answer = line.trim();
    if (back && answer === BACK_LINE) throw new WentBack();
    const accepted = accept(answer);
    if ("value" in accepted) return accepted.value;
    terminal.err(`  ${accepted.problem}\n`);
  }
}

/**
 * One line of text.
 *
 * @param check Gives the problem of an answer, or undefined.
 */
export async function ask(
  platform: Platform,
  message: string,
  check: (answer: string) => string | undefined,
  { initial, ...options }: PromptOptions & { readonly initial?: string | undefined } = {},
): Promise<string> {
  if (canEdit(platform)) {
    return await askPrompt(platform, message, textPrompt(check, initial), options);
  }
  const shown = initial === undefined ? `${message}: ` : `${message} [${initial}]: `;
  return await askLine(platform, shown, (answer) => {
    const value = answer === "" && initial !== undefined ? initial : answer;
    const problem = check(value);
    return problem === undefined ? { value } : { problem };
  }, options);
}

/**
 * One of several; what is typed leaves those that hold it. The first is the default. By plain
 * lines it is chosen by its number, its name, or a part of it that no other has.
 */
export async function choose(
  platform: Platform,
  message: string,
  choices: readonly Choice[],
  options: PromptOptions = {},
): Promise<string> {
  if (canEdit(platform)) return await askPrompt(platform, message, listPrompt(choices), options);
  const listed = (some: readonly Choice[]): string =>
    some.map((choice) => `  ${choices.indexOf(choice) + 1}) ${label(choice)}\n`).join("");
  platform.terminal.err(`${message}\n${listed(choices)}`);
  return await askLine(platform, "number or part of a name [1]: ", (answer) => {
    const byName = choices.find((choice) => choice.value === answer);
    const chosen = byName ?? choices[answer === "" ? 0 : Number(answer) - 1];
    if (chosen !== undefined) return chosen;
    const some = choices.filter((one) => holds(one, answer));
    const [only, ...others] = some;
    if (only === undefined) {
      return { problem: `a number from 1 to ${choices.length}, or a part of one name` };
    }
    return others.length === 0 ? only : { problem: `several:\n${listed(some).trimEnd()}` };
  }, options);
}

function label({ value, note }: Choice): string {
  return plainLine(note === undefined ? value : `${value}  ${note}`);
}

function holds({ value }: Choice, term: string): boolean {
  return value.toLowerCase().includes(term.trim().toLowerCase());
}

/** Yes or no; Enter means `initial`. */
export async function confirm(
  platform: Platform,
  message: string,
  initial: boolean,
  options: PromptOptions = {},
): Promise<boolean> {
  if (canEdit(platform)) {
    return await askPrompt(platform, message, confirmPrompt(initial), options);
  }
  const question = `${message} ${initial ? "[Y/n]" : "[y/N]"} `;
  const accept = (answer: string) => ({ value: answer === "" ? initial : YES.test(answer) });
  return await askLine(platform, question, accept, options);
}

const YES = /^y(es)?$/i;

/**
 * A text that is not shown while it is typed.
 *
 * @param hint Help for a terminal that cannot do that.
 * @throws {PxrunError} USAGE on a terminal that would show it.
 */
export async function hidden(
  platform: Platform,
  message: string,
  hint: string,
  signal?: AbortSignal,
): Promise<Secret> {
  if (canEdit(platform)) {
    return new Secret(await askPrompt(platform, message, secretPrompt(), { signal }));
  }
  const problem = `cannot ask for the ${message}: this terminal (TERM=dumb) would show it`;
  throw new PxrunError("USAGE", problem, { hint });
}

/**
 * All of standard input, in place of an answer.
 *
 * @param what The subject of the question, as a noun phrase.
 * @param hint Help for the user of a terminal that cannot be asked.
 * @throws {PxrunError} USAGE on a terminal: it would show what is typed, and no question was shown.
 */
export async function pipedIn({ terminal }: Platform, what: string, hint: string): Promise<string> {
  if (!terminal.stdinIsTerminal) return new TextDecoder().decode(await terminal.readStdin());
  const problem = `cannot ask for ${what}: standard error is not a terminal`;
  throw new PxrunError("USAGE", problem, { hint });
}

/**
 * A line of text.
 *
 * @param check Gives the problem of an answer, or undefined.
 * @param initial The answer that Enter alone gives; Tab takes it to be edited.
 */
export function textPrompt(
  check: (answer: string) => string | undefined,
  initial?: string,
): Prompt<string> {
  const line = editor();
  let problem: string | undefined;
  return {
    line,
    render: (style, columns) => ({
      line: line.text === "" && initial !== undefined ? style.dim(`(${initial})`) : line.text,
      before: line.before,
      below: problem === undefined ? [] : problemLines(problem, style, columns),
    }),
    onKey(key) {
      problem = undefined;
      if (isEnter(key)) {
        const value = (line.text === "" ? initial ?? "" : line.text).trim();
        problem = check(value);
        return problem === undefined ? { value } : undefined;
      }
      if (key.name === "tab" && line.text === "" && initial !== undefined) line.set(initial);
      else line.onKey(key);
      return undefined;
    },
    shown: (value) => value,
  };
}

/** A text that is not shown. */
export function secretPrompt(): Prompt<string> {
  const line = editor();
  return {
    line,
    render: ({ dim }) => ({ line: dim("[input is hidden]"), before: "" }),
    onKey(key) {
      if (isEnter(key)) return { value: line.text };
      line.onKey(key);
      return undefined;
    },
    shown: () => "",
  };
}

/** A yes or a no; Enter alone means `initial`. */
export function confirmPrompt(initial: boolean): Prompt<boolean> {
  const line = editor();
  return {
    line,
    render: ({ dim }) => {
      const choices = dim(initial ? "(Y/n)" : "(y/N)");
      return { line: `${choices} ${line.text}`, before: `${choices} ${line.before}` };
    },
    onKey(key) {
      if (isEnter(key)) {
        const answer = line.text.trim();
        return { value: YES.test(answer) || initial && !/^no?$/i.test(answer) };
      }
      line.onKey(key);
      return undefined;
    },
    shown: (value) => value ? "yes" : "no",
  };
}

/** The largest number of choices that are shown at once. */
const PAGE = 10;

/** One of several, moved to by the arrow keys; what is typed leaves those that hold it. */
export function listPrompt(choices: readonly Choice[]): Prompt<string> {
  const line = editor();
  let at = 0;
  const found = (): readonly Choice[] => choices.filter((choice) => holds(choice, line.text));
  const tip = `${choices.length} in all • type to filter • ↑↓ ⏎ choose`;
  return {
    line,
    render({ dim, green, red }: Style, columns) {
      const those = found();
      const from = Math.max(0, Math.min(at - PAGE / 2, those.length - PAGE));
      const shown = those.slice(from, from + PAGE).map((choice, index) => {
        const text = shorten(label(choice), columns - 3);
        return from + index === at ? green(`❯ ${text}`) : `  ${text}`;
      });
      const below = shown.length > 0 ? shown : [red("> nothing holds that")];
      return { line: line.text, before: line.before, below: [...below, dim(tip)] };
    },
    onKey(key) {
      const those = found();
      const chosen = those[at];
      if (isEnter(key)) return chosen && { value: chosen.value };
      const step = key.name === "down" ? 1 : key.name === "up" ? -1 : 0;
      if (step !== 0) at = (at + step + those.length) % Math.max(1, those.length);
      else if (line.onKey(key)) at = 0;
      return undefined;
    },
    shown: (value) => value,
  };
}

function isEnter({ name }: Key): boolean {
  return name === "return" || name === "enter";
}
