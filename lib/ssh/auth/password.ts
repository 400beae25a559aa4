// @ts-types="@types/ssh2"
import type { Prompt } from "ssh2";
import type { Secret } from "../../core/secret.ts";
import type { Attempt, LoginLog } from "./attempt.ts";

/** Answers whatever a host asks with a password that is known beforehand. */
export function* passwordAttempts(username: string, secret: Secret): Generator<Attempt> {
  const password = secret.reveal();
  yield {
    label: "the password, asked for by the host",
    wire: "keyboard-interactive",
    method: () => ({
      type: "keyboard-interactive",
      username,
      prompt: (_name, _instructions, _lang, prompts, finish) => finish(prompts.map(() => password)),
    }),
  };
  yield {
    label: "the password",
    wire: "password",
    method: () => ({ type: "password", username, password }),
  };
}

/** What the host asks is put to the user, once: either in the host's own words or as a plain password. */
export function* askedAttempts(
  username: string,
  answer: (prompt: string, echo: boolean) => Promise<Secret>,
  log: LoginLog,
  onError: (error: unknown) => void,
): Generator<Attempt> {
  let asked = false;
  const answerAll = async (instructions: string, prompts: readonly Prompt[]): Promise<string[]> => {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      if (!asked) log.tried.push("the answers to its questions");
      asked = true;
      const text = answers.length === 0 ? `${instructions}\n${prompt}` : prompt;
      answers.push((await answer(printable(text), echo === true)).reveal());
    }
    return answers;
  };
  yield {
    // A host that asks nothing was offered nothing.
    label: undefined,
    wire: "keyboard-interactive",
    method: () => ({
      type: "keyboard-interactive",
      username,
      prompt: (_name, instructions, _lang, prompts, finish) =>
        void answerAll(instructions, prompts).then(finish, onError),
    }),
  };
  if (asked) return;
  yield {
    label: "the password",
    wire: "password",
    async method() {
      const password = await answer("password", false);
      return { type: "password", username, password: password.reveal() };
    },
  };
}

/** A host's text on one line, without what a terminal would take for a command. */
function printable(text: string): string {
  return text.replace(/\p{C}+/gu, " ").trim().replace(/\s*:$/, "");
}
