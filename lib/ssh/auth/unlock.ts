// @ts-types="@types/ssh2"
import type { ParsedKey } from "ssh2";
import type { Unusable } from "./identity.ts";
import type { SshQuestions } from "./questions.ts";

/** Opens an encrypted key file; the reason why it stays closed, if so. */
export type Unlock = (
  path: string,
  open: NonNullable<Unusable["open"]>,
) => Promise<ParsedKey | Unusable>;

/** How often a passphrase may be wrong, as with `ssh`. */
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
