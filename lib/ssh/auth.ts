// @ts-types="@types/ssh2"
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from "ssh2";
import { Secret } from "../core/secret.ts";
import type { AgentKey } from "./agent.ts";
import { listAgentKeys } from "./agent.ts";
import type { Identity, Unusable } from "./identity.ts";

/** Everything there is to log in with. */
export interface Credentials {
  readonly user: string;
  /** Key files in the order of preference. */
  readonly identities: readonly Identity[];
  /** The socket of the SSH agent. */
  readonly agent?: string | undefined;
  /** Offer only the agent's keys that one of the key files names. */
  readonly identitiesOnly?: boolean;
  readonly password?: Secret | undefined;
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

/** One login attempt. */
interface Attempt {
  readonly label: string;
  readonly method: AnyAuthMethod;
}

/**
 * Hands ssh2 one login attempt after the other, in OpenSSH's order: the agent's
 * keys that a key file names, its other keys, key files, password.
 *
 * @param credentials What there is to try.
 * @param onExhausted Called when the host has refused everything.
 */
export function logIn(
  credentials: Credentials,
  onExhausted: () => void,
): { readonly handler: AuthHandlerMiddleware; readonly log: LoginLog } {
  const log: LoginLog = { tried: [], unusable: [], silentAgent: undefined };
  const attempts = listAttempts(credentials, log);
  /** @param accepted What the host still accepts; null before the first attempt. */
  const handler = async (
    accepted: AuthenticationType[] | null,
    _partial: boolean,
    next: (method: AnyAuthMethod) => void,
  ): Promise<void> => {
    let attempt = await attempts.next();
    while (!attempt.done && accepted && !accepted.includes(wireName(attempt.value.method))) {
      attempt = await attempts.next();
    }
    if (attempt.done) return onExhausted();
    log.tried.push(attempt.value.label);
    next(attempt.value.method);
  };
  return { handler: (accepted, partial, next) => void handler(accepted, partial, next), log };
}

/** An agent's key is offered by the method that a key file is offered by. */
function wireName(method: AnyAuthMethod): AuthenticationType {
  return method.type === "agent" ? "publickey" : method.type;
}

async function* listAttempts(c: Credentials, log: LoginLog): AsyncGenerator<Attempt, void> {
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
      method: { type: "agent", username, agent },
    };
  }
  for (const identity of c.identities) {
    if (named.some((key) => isFor(key, identity))) continue;
    const { path, privateKey } = identity;
    if (privateKey instanceof Secret) {
      yield { label: path, method: { type: "publickey", username, key: privateKey.reveal() } };
    } else log.unusable.push({ path, reason: privateKey.reason });
  }
  if (c.password !== undefined) {
    const password = c.password.reveal();
    yield {
      label: "the password, asked for by the host",
      method: {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(prompts.map(() => password)),
      },
    };
    yield { label: "the password", method: { type: "password", username, password } };
  }
}

function isFor(key: AgentKey, identity: Identity): boolean {
  const { publicKey } = identity;
  return publicKey !== undefined && key.publicKey.toBase64() === publicKey.toBase64();
}
