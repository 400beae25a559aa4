import type {
  AnyAuthMethod,
  AuthenticationType,
  AuthHandlerMiddleware,
  ParsedKey,
} from "../../../deps/ssh2.ts";
import { Secret } from "../../core/secret.ts";
import type { AgentKey } from "./agent.ts";
import { FileAgent, listAgentKeys, listOtherAgentKeys } from "./agent.ts";
import { askedAttempts, type Attempt, type LoginLog, passwordAttempts } from "./attempt.ts";
import type { Identity } from "./identity.ts";
import type { Unlock } from "./questions.ts";

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
  /** Key files that were named and are not there. */
  readonly missing?: readonly string[] | undefined;
  /** Ways of ssh to log in that are not supported here, in words: a certificate, a key on a token. */
  readonly unsupported?: readonly string[] | undefined;
  /**
   * Answers what the host asks when no key was accepted. Without it there is only `password`.
   *
   * @param prompt In the host's words.
   * @param echo Whether the answer may be seen.
   */
  readonly answer?: ((prompt: string, echo: boolean) => Promise<Secret>) | undefined;
}

/** Observer of failed logins. */
export interface LoginListener {
  /** The host has refused everything. */
  readonly onExhausted: () => void;
  /** A question was not answered, or something broke. */
  readonly onError: (error: unknown) => void;
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
  const log: LoginLog = {
    tried: [],
    unusable: [],
    unsupported: [...credentials.unsupported ?? []],
    missing: credentials.missing ?? [],
    silentAgent: undefined,
  };
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
    const { agent } = credentials;
    const others = agent === undefined ? [] : await listOtherAgentKeys(agent);
    log.unsupported.push(...others.map((key) => `the agent's ${key}`));
    onExhausted();
  };
  return {
    handler: (accepted, _partial, next) => void handler(accepted, next).catch(onError),
    log,
  };
}

/** Rest of a generator, which stays open when the loop over this ends. */
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

function isFor(key: AgentKey, identity: Identity): boolean {
  const { publicKey } = identity;
  return publicKey !== undefined && key.publicKey.toBase64() === publicKey.toBase64();
}
