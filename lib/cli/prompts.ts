import process from "node:process";
import type { World } from "../core/world.ts";
import { Interrupted } from "../core/errors.ts";

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

/** Ctrl-C in a prompt is an interrupt like any other; so is the end of input. */
export async function orInterrupted<T>(prompt: Promise<T>): Promise<T> {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError)$/.test(error.name)) {
      throw new Interrupted("answering the questions");
    }
    throw error;
  }
}

/** One plain line, without its blanks at both ends. */
export async function line(world: World, question: string): Promise<string> {
  world.terminal.err(question);
  const answer = await world.terminal.readLine();
  if (answer === undefined) throw new Interrupted("answering the questions");
  return answer.trim();
}

/** Repeats a plain question until the answer will do. */
async function until(
  world: World,
  question: string,
  accept: (answer: string) => string | { readonly problem: string },
): Promise<string> {
  while (true) {
    const accepted = accept(await line(world, question));
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
  initial?: string,
): Promise<string> {
  if (!canEdit(world)) {
    const shown = initial === undefined ? `${message}: ` : `${message} [${initial}]: `;
    return await until(world, shown, (answer) => {
      const value = answer === "" && initial !== undefined ? initial : answer;
      const problem = check(value);
      return problem === undefined ? value : { problem };
    });
  }
  const { default: input } = await import("@inquirer/input");
  return await orInterrupted(input({
    message,
    ...(initial !== undefined && { default: initial }),
    validate: (answer) => check(answer.trim()) ?? true,
    transformer: (answer) => answer.trim(),
  }, { output: process.stderr })).then((answer) => answer.trim());
}

/** One of several; the first is the default. */
export async function choose(
  world: World,
  message: string,
  choices: readonly Choice[],
): Promise<string> {
  const label = ({ value, note }: Choice): string => note ? `${value}  ${note}` : value;
  if (!canEdit(world)) {
    const list = choices.map((choice, i) => `  ${i + 1}) ${label(choice)}\n`).join("");
    world.terminal.err(`${message}\n${list}`);
    return await until(world, "number [1]: ", (answer) => {
      const byName = choices.find((choice) => choice.value === answer);
      const choice = byName ?? choices[answer === "" ? 0 : Number(answer) - 1];
      return choice?.value ?? { problem: `a number from 1 to ${choices.length}` };
    });
  }
  const { default: select } = await import("@inquirer/select");
  return await orInterrupted(select({
    message,
    choices: choices.map((choice) => ({ value: choice.value, name: label(choice) })),
  }, { output: process.stderr }));
}

/** Yes or no; Enter means `initial`. */
export async function confirm(world: World, message: string, initial: boolean): Promise<boolean> {
  if (!canEdit(world)) {
    const answer = await line(world, `${message} ${initial ? "[Y/n]" : "[y/N]"} `);
    return answer === "" ? initial : /^y(es)?$/i.test(answer);
  }
  const { default: prompt } = await import("@inquirer/confirm");
  return await orInterrupted(prompt({ message, default: initial }, { output: process.stderr }));
}
