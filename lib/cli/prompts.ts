import { plain, plainLine } from "../core/plain.ts";
import process from "node:process";
import type { World } from "../core/world.ts";
import { Interrupted, PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { untilAborted } from "../core/until_aborted.ts";

/** One thing to choose. */
export interface Choice {
  readonly value: string;
  /** What stands beside it. */
  readonly note?: string;
}

/** A terminal that can move its cursor gets the editing prompts, any other plain lines. */
function canEdit(world: World): boolean {
  return world.env["TERM"] !== "dumb";
}

/** Where an editing prompt draws, and what ends it. */
interface PromptContext {
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

/**
 * Runs an editing prompt. Ctrl-C in it is an interrupt like any other; so is the end of input,
 * at which it pauses the terminal and then waits for ever. It does the same when it is in the
 * foreground again after Ctrl-Z, where it just goes on.
 */
async function edited<T>(
  prompt: (context: PromptContext) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const closed = new AbortController();
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
  process.stdin.on("pause", onPause);
  // Before the prompt's own, which pauses.
  process.on("SIGCONT", onContinue);
  try {
    return await prompt({
      output: process.stderr,
      signal: AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]),
    });
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError)$/.test(error.name)) {
      throw new Interrupted("answering the questions");
    }
    throw error;
  } finally {
    process.stdin.off("pause", onPause);
    process.off("SIGCONT", onContinue);
  }
}

async function line(
  world: World,
  question: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  world.terminal.err(plain(question));
  const answer = await untilAborted(world.terminal.readLine(), signal);
  if (answer === undefined) throw new Interrupted("answering the questions");
  return answer.trim();
}

/** Repeats a plain question until the answer will do. */
async function until(
  world: World,
  question: string,
  accept: (answer: string) => string | { readonly problem: string },
  signal: AbortSignal | undefined,
): Promise<string> {
  while (true) {
    const accepted = accept(await line(world, question, signal));
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
  { initial, signal }: { readonly initial?: string; readonly signal?: AbortSignal | undefined } =
    {},
): Promise<string> {
  if (!canEdit(world)) {
    const shown = initial === undefined ? `${message}: ` : `${message} [${initial}]: `;
    return await until(world, shown, (answer) => {
      const value = answer === "" && initial !== undefined ? initial : answer;
      const problem = check(value);
      return problem === undefined ? value : { problem };
    }, signal);
  }
  const { default: input } = await import("@inquirer/input");
  const config = {
    message: plain(message),
    ...(initial !== undefined && { default: initial }),
    validate: (answer: string) => check(answer.trim()) ?? true,
    transformer: (answer: string) => answer.trim(),
  };
  return (await edited((context) => input(config, context), signal)).trim();
}

/** One of several; the first is the default. */
export async function choose(
  world: World,
  message: string,
  choices: readonly Choice[],
  signal?: AbortSignal,
): Promise<string> {
  const label = ({ value, note }: Choice): string => plainLine(note ? `${value}  ${note}` : value);
  if (!canEdit(world)) {
    const list = choices.map((choice, i) => `  ${i + 1}) ${label(choice)}\n`).join("");
    world.terminal.err(`${message}\n${list}`);
    return await until(world, "number [1]: ", (answer) => {
      const byName = choices.find((choice) => choice.value === answer);
      const choice = byName ?? choices[answer === "" ? 0 : Number(answer) - 1];
      return choice?.value ?? { problem: `a number from 1 to ${choices.length}` };
    }, signal);
  }
  const { default: select } = await import("@inquirer/select");
  const config = {
    message: plain(message),
    choices: choices.map((choice) => ({ value: choice.value, name: label(choice) })),
  };
  return await edited((context) => select(config, context), signal);
}

/** Yes or no; Enter means `initial`. */
export async function confirm(
  world: World,
  message: string,
  initial: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!canEdit(world)) {
    const answer = await line(world, `${message} ${initial ? "[Y/n]" : "[y/N]"} `, signal);
    return answer === "" ? initial : /^y(es)?$/i.test(answer);
  }
  const { default: prompt } = await import("@inquirer/confirm");
  return await edited(
    (context) => prompt({ message: plain(message), default: initial }, context),
    signal,
  );
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
  const config = { message: plain(message), toggleMask: false };
  return new Secret(await edited((context) => password(config, context), signal));
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
