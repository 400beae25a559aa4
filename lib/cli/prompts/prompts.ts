import { plain, plainLine } from "../../core/plain.ts";
import process from "node:process";
import type { World } from "../../core/world.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { fold } from "../../render/width.ts";
import { errStyle } from "../app/colors.ts";
import { untilAborted } from "../../core/within.ts";

/** One thing to choose. */
export interface Choice {
  readonly value: string;
  /** What stands beside it while it can be chosen. */
  readonly note?: string;
}

/** How any question may be asked. */
export interface PromptOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether Esc leaves it, with {@linkcode WentBack}. */
  readonly back?: boolean | undefined;
}

/** Esc: the question before this one is to be asked again. */
export class WentBack extends Error {
  override readonly name = "WentBack";
}

/** What goes back on a terminal that gives whole lines only. */
const BACK_LINE = "<";

/** A terminal that can move its cursor gets the editing prompts, any other plain lines. */
function canEdit(world: World): boolean {
  return world.env["TERM"] !== "dumb";
}

/** Where an editing prompt draws, and what ends it. */
interface PromptContext {
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
  /** Whether nothing of the question stays on the screen. */
  clearPromptOnDone: boolean;
}

/** One set of marks for questions and all else. */
function theme(
  world: World,
): { readonly prefix: { readonly idle: string; readonly done: string } } {
  const { green, yellow } = errStyle({ world });
  return { prefix: { idle: yellow("?"), done: green("✓") } };
}

/**
 * Runs an editing prompt. Ctrl-C in it is an interrupt like any other; so is the end of input,
 * at which it pauses the terminal and then waits for ever. It does the same when it is in the
 * foreground again after Ctrl-Z, where it just goes on.
 */
async function edited<T>(
  prompt: (context: PromptContext) => Promise<T>,
  { signal, back = false }: PromptOptions,
): Promise<T> {
  const closed = new AbortController();
  const left = new AbortController();
  let continuing = false;
  const onContinue = (): void => {
    continuing = true;
    // The prompt pauses at once, or not at all where something else had stopped the program.
    queueMicrotask(() => continuing = false);
  };
  const onPause = (): void => {
    if (continuing) process.stdin.resume();
    else closed.abort();
  };
  const context: PromptContext = {
    output: process.stderr,
    signal: AbortSignal.any([closed.signal, left.signal, ...(signal ? [signal] : [])]),
    clearPromptOnDone: false,
  };
  const onKey = (_: unknown, key: { readonly name?: string } | undefined): void => {
    if (!back || key?.name !== "escape") return;
    context.clearPromptOnDone = true;
    left.abort();
  };
  process.stdin.on("keypress", onKey);
  process.stdin.on("pause", onPause);
  // Before the prompt's own, which pauses.
  process.on("SIGCONT", onContinue);
  try {
    return await prompt(context);
  } catch (error) {
    if (left.signal.aborted) throw new WentBack();
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError)$/.test(error.name)) {
      throw new Interrupted("answering the questions");
    }
    throw error;
  } finally {
    process.stdin.off("keypress", onKey);
    process.stdin.off("pause", onPause);
    process.off("SIGCONT", onContinue);
  }
}

async function line(
  world: World,
  question: string,
  { signal, back = false }: PromptOptions,
): Promise<string> {
  world.terminal.err(plain(question));
  const answer = await untilAborted(world.terminal.readLine(), signal);
  if (answer === undefined) throw new Interrupted("answering the questions");
  if (back && answer.trim() === BACK_LINE) throw new WentBack();
  return answer.trim();
}

/** Repeats a plain question until the answer will do. */
async function until(
  world: World,
  question: string,
  accept: (answer: string) => string | { readonly problem: string },
  options: PromptOptions,
): Promise<string> {
  while (true) {
    const accepted = accept(await line(world, question, options));
    if (typeof accepted === "string") return accepted;
    world.terminal.err(`  ${accepted.problem}\n`);
  }
}

/**
 * One line of text.
 *
 * @param check What is wrong with an answer, or undefined.
 */
export async function ask(
  world: World,
  message: string,
  check: (answer: string) => string | undefined,
  { initial, ...options }: PromptOptions & { readonly initial?: string | undefined } = {},
): Promise<string> {
  if (!canEdit(world)) {
    const shown = initial === undefined ? `${message}: ` : `${message} [${initial}]: `;
    return await until(world, shown, (answer) => {
      const value = answer === "" && initial !== undefined ? initial : answer;
      const problem = check(value);
      return problem === undefined ? value : { problem };
    }, options);
  }
  const { default: input } = await import("@inquirer/input");
  const config = {
    message: plain(message),
    theme: theme(world),
    ...(initial !== undefined && { default: initial }),
    validate: (answer: string) => {
      const problem = check(answer.trim());
      // Behind the mark "> " that it gets; the terminal would break it inside a word.
      return problem === undefined
        ? true
        : fold(problem, world.terminal.columns() - 3).replaceAll("\n", "\n  ");
    },
    transformer: (answer: string) => answer.trim(),
  };
  return (await edited((context) => input(config, context), options)).trim();
}

/** One of several; the first is the default. */
export async function choose(
  world: World,
  message: string,
  choices: readonly Choice[],
  options: PromptOptions = {},
): Promise<string> {
  if (!canEdit(world)) return await chooseByNumber(world, message, choices, options);
  const { default: select } = await import("@inquirer/select");
  const config = { message: plain(message), choices: choices.map(shown), theme: theme(world) };
  return await edited((context) => select(config, context), options);
}

/** One of many; what is typed leaves those that hold it. The first is the default. */
export async function find(
  world: World,
  message: string,
  choices: readonly Choice[],
  options: PromptOptions = {},
): Promise<string> {
  if (!canEdit(world)) return await chooseByNumber(world, message, choices, options);
  const { default: search } = await import("@inquirer/search");
  const { dim } = errStyle({ world });
  const config = {
    message: plain(message),
    source: (term = "") => choices.filter((choice) => holds(choice, term)).map(shown),
    pageSize: 10,
    theme: {
      ...theme(world),
      style: { keysHelpTip: () => dim(`${choices.length} in all • type to filter • ↑↓ ⏎ choose`) },
    },
  };
  return await edited((context) => search(config, context), options);
}

function shown(choice: Choice): { value: string; name: string; short: string } {
  return { value: choice.value, name: label(choice), short: choice.value };
}

function label({ value, note }: Choice): string {
  return plainLine(note === undefined ? value : `${value}  ${note}`);
}

function holds({ value }: Choice, term: string): boolean {
  return value.toLowerCase().includes(term.trim().toLowerCase());
}

/** By its number, its name, or a part of it that no other has; else what has that part is listed. */
async function chooseByNumber(
  world: World,
  message: string,
  choices: readonly Choice[],
  options: PromptOptions,
): Promise<string> {
  const listed = (some: readonly Choice[]): string =>
    some.map((choice) => `  ${choices.indexOf(choice) + 1}) ${label(choice)}\n`).join("");
  world.terminal.err(`${message}\n${listed(choices)}`);
  return await until(world, "number or part of a name [1]: ", (answer) => {
    const byName = choices.find((choice) => choice.value === answer);
    const byNumber = choices[answer === "" ? 0 : Number(answer) - 1];
    const choice = byName ?? byNumber;
    if (choice !== undefined) return choice.value;
    const some = choices.filter((one) => holds(one, answer));
    const [only] = some;
    if (only !== undefined && some.length === 1) return only.value;
    return some.length > 1
      ? { problem: `several:\n${listed(some).trimEnd()}` }
      : { problem: `a number from 1 to ${choices.length}, or a part of one name` };
  }, options);
}

/** Yes or no; Enter means `initial`. */
export async function confirm(
  world: World,
  message: string,
  initial: boolean,
  options: PromptOptions = {},
): Promise<boolean> {
  if (!canEdit(world)) {
    const answer = await line(world, `${message} ${initial ? "[Y/n]" : "[y/N]"} `, options);
    return answer === "" ? initial : /^y(es)?$/i.test(answer);
  }
  const { default: prompt } = await import("@inquirer/confirm");
  const config = { message: plain(message), default: initial, theme: theme(world) };
  return await edited((context) => prompt(config, context), options);
}

/**
 * A text that nobody sees while it is typed.
 *
 * @param hint What to do where that cannot be had.
 * @throws {PxrunError} USAGE on a terminal that would show it.
 */
export async function hidden(
  world: World,
  message: string,
  hint: string,
  signal?: AbortSignal,
): Promise<Secret> {
  if (!canEdit(world)) {
    throw new PxrunError(
      "USAGE",
      `cannot ask for the ${message}: this terminal (TERM=dumb) would show it`,
      { hint },
    );
  }
  const { default: password } = await import("@inquirer/password");
  const config = { message: plain(message), toggleMask: false, theme: theme(world) };
  return new Secret(await edited((context) => password(config, context), { signal }));
}

/**
 * All of standard input, in place of an answer.
 *
 * @param what What is asked for, as a noun phrase.
 * @param hint What to do where the user sits at a terminal that cannot be asked.
 * @throws {PxrunError} USAGE on a terminal: it would show what is typed, and nobody asked for it.
 */
export async function pipedIn({ terminal }: World, what: string, hint: string): Promise<string> {
  if (!terminal.stdinIsTerminal) return new TextDecoder().decode(await terminal.readStdin());
  throw new PxrunError("USAGE", `cannot ask for ${what}: standard error is not a terminal`, {
    hint,
  });
}
