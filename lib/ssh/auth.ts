// @ts-types="@types/ssh2"
import type {
  AnyAuthMethod,
  AuthenticationType,
  AuthHandlerMiddleware,
  ParsedKey,
  Prompt,
} from "ssh2";
import { Secret } from "../core/secret.ts";
import type { AgentKey } from "./agent.ts";
import { listAgentKeys } from "./agent.ts";
import { FileAgent } from "./file_agent.ts";
import type { Identity, Unusable } from "./identity.ts";
import type { Unlock } from "./unlock.ts";

/** Everything there is to log in with. */
export interface Credentials {
  readonly user: string;
  /** Key files in the order of preference. */
  readonly identities: readonly Identity[];
  /** The socket of the SSH agent. */
  readonly agent?: string | undefined;
  /** Offer only the agent's keys that one of the key files names. */
  readonly identitiesOnly?: boolean;
  /** Opens encrypted key files; without it they are passed over. */
  readonly unlock?: Unlock | undefined;
  readonly password?: Secret | undefined;
  /**
   * Answers what the host asks when no key was accepted. Without it there is only `password`.
   *
   * @param prompt In the host's words.
   * @param echo Whether the answer may be seen.
   */
  readonly answer?: ((prompt: string, echo: boolean) => Promise<Secret>) | undefined;
}

/** What happened while logging in, for the error when nothing was accepted. */
export interface LoginLog {
  /** What was offered to the host. */
  readonly tried: string[];
  /** Key files that could not be offered. */
  readonly unusable: { readonly path: string; readonly reason: Unusable["reason"] }[];
  /** The agent's socket, when no agent answered on it. */
  silentAgent: string | undefined;
}

/** Who hears how a login goes wrong. */
export interface LoginListener {
  /** The host has refused everything. */
  readonly onExhausted: () => void;
  /** A question was not answered, or something broke. */
  readonly onError: (error: unknown) => void;
}

/** One login attempt. */
interface Attempt {
  /** For the log; undefined where the attempt writes its own. */
  readonly label: string | undefined;
  /** How hosts call it. An agent's key is offered by the method that a key file is offered by. */
  readonly wire: AuthenticationType;
  /** Only called when the host would take it; undefined when there is nothing to offer after all. */
  readonly method: () => AnyAuthMethod | undefined | Promise<AnyAuthMethod | undefined>;
}

/**
 * Hands ssh2 one login attempt after the other, in OpenSSH's order: the agent's
 * keys that a key file names, its other keys, key files, password.
 *
 * @param credentials What there is to try.
 * @param listener Called at most once.
 */
export function logIn(
  credentials: Credentials,
  { onExhausted, onError }: LoginListener,
): { readonly handler: AuthHandlerMiddleware; readonly log: LoginLog } {
  const log: LoginLog = { tried: [], unusable: [], silentAgent: undefined };
  const attempts = listAttempts(credentials, log, onError);
  /** @param accepted What the host still accepts; null before the first attempt. */
  const handler = async (
    accepted: AuthenticationType[] | null,
    next: (method: AnyAuthMethod) => void,
  ): Promise<void> => {
    for await (const attempt of rest(attempts)) {
      if (accepted && !accepted.includes(attempt.wire)) continue;
      const method = await attempt.method();
      if (method === undefined) continue;
      if (attempt.label !== undefined) log.tried.push(attempt.label);
      return next(method);
    }
    onExhausted();
  };
  return {
    handler: (accepted, _partial, next) => void handler(accepted, next).catch(onError),
    log,
  };
}

/** What is left of a generator, which stays open when the loop over this ends. */
async function* rest<T>(generator: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  for (let one = await generator.next(); !one.done; one = await generator.next()) yield one.value;
}

async function* listAttempts(
  c: Credentials,
  log: LoginLog,
  onError: (error: unknown) => void,
): AsyncGenerator<Attempt, void> {
  const username = c.user;
  const held = c.agent === undefined ? [] : await listAgentKeys(c.agent);
  if (held === undefined) log.silentAgent = c.agent;
  const named = c.identities.flatMap((identity) =>
    held?.filter((key) => isFor(key, identity)) ?? []
  );
  const others = held?.filter((key) => !named.includes(key)) ?? [];
  for (const { comment, type, agent } of c.identitiesOnly ? named : [...named, ...others]) {
    yield {
      label: `the agent's ${type} key ${comment}`,
      wire: "publickey",
      method: () => ({ type: "agent", username, agent }),
    };
  }
  for (const identity of c.identities) {
    if (named.some((key) => isFor(key, identity))) continue;
    const { path, privateKey } = identity;
    if (privateKey instanceof Secret) {
      yield {
        label: path,
        wire: "publickey",
        method: () => ({ type: "publickey", username, key: privateKey.reveal() }),
      };
    } else if (c.unlock !== undefined && privateKey.open !== undefined) {
      yield {
        label: path,
        wire: "publickey",
        method: () => encryptedKey(c, identity, log, onError),
      };
    } else log.unusable.push({ path, reason: privateKey.reason });
  }
  if (c.password !== undefined) yield* passwordAttempts(username, c.password);
  if (c.answer !== undefined) yield* askedAttempts(username, c.answer, log, onError);
}

/** A key whose passphrase is asked for as late as can be: when the host has taken its public half. */
async function encryptedKey(
  { user: username, unlock }: Credentials,
  { path, publicKey, privateKey }: Identity,
  log: LoginLog,
  onError: (error: unknown) => void,
): Promise<AnyAuthMethod | undefined> {
  const open = async (): Promise<ParsedKey | undefined> => {
    if (privateKey instanceof Secret || !privateKey.open) return undefined;
    const key = await unlock?.(path, privateKey.open);
    if (key === undefined || "sign" in key) return key;
    log.unusable.push({ path, reason: key.reason });
    return undefined;
  };
  if (publicKey !== undefined) {
    const sign = async (): Promise<ParsedKey> => {
      const key = await open().catch((error) => {
        onError(error);
        throw error;
      });
      if (key !== undefined) return key;
      log.tried.splice(log.tried.lastIndexOf(path), 1);
      throw new Error(`${path} stays encrypted`);
    };
    return { type: "agent", username, agent: new FileAgent(publicKey, sign) };
  }
  const key = await open();
  if (key === undefined) return undefined;
  const agent = new FileAgent(key.getPublicSSH(), () => Promise.resolve(key));
  return { type: "agent", username, agent };
}

function* passwordAttempts(username: string, secret: Secret): Generator<Attempt> {
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
function* askedAttempts(
  username: string,
  answer: NonNullable<Credentials["answer"]>,
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

function isFor(key: AgentKey, identity: Identity): boolean {
  const { publicKey } = identity;
  return publicKey !== undefined && key.publicKey.toBase64() === publicKey.toBase64();
}
