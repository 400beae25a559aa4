import type { ParsedKey } from "../../../deps/ssh2.ts";
import type { Secret } from "../../core/secret.ts";
import type { PresentedHostKey } from "../trust/host_keys.ts";
import type { Unusable } from "./identity.ts";

/**
 * Questions to the user. Each throws to end everything, as Ctrl-C does.
 *
 * @category Clusters
 */
export interface SshQuestions {
  /** True if a key that nothing is known of yet is the host's own. */
  trust(key: PresentedHostKey): Promise<boolean>;
  /**
   * The passphrase of a key file; an empty one passes the key over.
   *
   * @param attempt Counts from 1: the ones before were wrong.
   */
  passphrase(path: string, attempt: number): Promise<Secret>;
  /**
   * The answer to what a host asks during the login: its password, a code.
   *
   * @param who `user@host:port`, already proven to be that host.
   * @param prompt In the host's words.
   * @param echo Whether the answer may be seen.
   */
  login(who: string, prompt: string, echo: boolean): Promise<Secret>;
}

/** The user, as all connections of a run share them. */
export interface Asker extends Pick<SshQuestions, "passphrase" | "login"> {
  /**
   * True if a key is the host's own.
   *
   * @param remember Called once when it is, before anybody goes on.
   */
  admit(key: PresentedHostKey, remember: () => Promise<void>): Promise<boolean>;
}

/** Puts one question at a time, however many connections are made at once, and no key twice. */
export function inTurn(questions: SshQuestions): Asker {
  const admitted = new Map<string, Promise<boolean>>();
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(ask: () => Promise<T>): Promise<T> => {
    // A user who has pressed Ctrl-C is not asked the next one.
    const answer = last.then(ask);
    answer.catch(() => {});
    last = answer;
    return answer;
  };
  return {
    admit(key, remember) {
      const answer = admitted.get(key.line) ?? next(async () => {
        const right = await questions.trust(key);
        if (right) await remember();
        return right;
      });
      admitted.set(key.line, answer);
      return answer;
    },
    passphrase: (path, attempt) => next(() => questions.passphrase(path, attempt)),
    login: (who, prompt, echo) => next(() => questions.login(who, prompt, echo)),
  };
}

/** Opens an encrypted key file; the reason why it stays closed, if so. */
export type Unlock = (
  path: string,
  open: NonNullable<Unusable["open"]>,
) => Promise<ParsedKey | Unusable>;

/** Number of wrong passphrases that are accepted, as with `ssh`. */
const tries = 3;

/** Asks for the passphrase of each key file once in a run, however many connections want it. */
export function unlocker(ask: SshQuestions["passphrase"]): Unlock {
  const opened = new Map<string, Promise<ParsedKey | Unusable>>();
  return (path, open) => {
    const known = opened.get(path) ?? unlock(path, open, ask);
    opened.set(path, known);
    return known;
  };
}

async function unlock(
  path: string,
  open: NonNullable<Unusable["open"]>,
  ask: SshQuestions["passphrase"],
): Promise<ParsedKey | Unusable> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    const passphrase = await ask(path, attempt);
    if (passphrase.reveal() === "") break;
    const key = open(passphrase);
    if (key !== undefined) return key;
  }
  return { reason: "locked" };
}
