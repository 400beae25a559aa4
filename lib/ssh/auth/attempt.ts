import type { AnyAuthMethod, AuthenticationType, Prompt } from "../../../deps/ssh2.ts";
import type { Secret } from "../../core/secret.ts";
import type { Unusable } from "./identity.ts";

/** One login attempt. */
export interface Attempt {
  /** For the log; undefined where the attempt writes its own. */
  readonly label: string | undefined;
  /** Name of it for hosts. An agent's key is offered by the method that a key file is offered by. */
  readonly wire: AuthenticationType;
  /** Only called when the host would take it; undefined when there is nothing to offer after all. */
  readonly method: () => AnyAuthMethod | undefined | Promise<AnyAuthMethod | undefined>;
}

/** History of the login, for the error if nothing was accepted. */
export interface LoginLog {
  /** Keys that were offered to the host. */
  readonly tried: string[];
  /** Key files that could not be offered. */
  readonly unusable: { readonly path: string; readonly reason: Unusable["reason"] }[];
  /** Unsupported ways to log in, in words: a certificate, a key on a token. */
  readonly unsupported: string[];
  /** Key files that were named and are not there. */
  readonly missing: readonly string[];
  /** The agent's socket, when no agent answered on it. */
  silentAgent: string | undefined;
}

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

/** Questions of the host are put to the user, once: either in the host's own words or as a plain password. */
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
