import { DOTS } from "./secret.ts";

/** `user:password@`, alone or in an address. */
const PASSWORD = /(^|\/\/|=)([^\s/:@=]*):(?!\/\/)\S*@/g;
/** `user@realm!name=secret`, as an Authorization header has it. */
const TOKEN_SECRET = /(@[\w.-]+![\w.-]+)=\S+/g;

/**
 * A text that somebody has typed, for a message about it: with dots over the password of an
 * address and the secret of an API token, which are easily typed along with them.
 */
export function withoutPasswords(text: string): string {
  return text.replace(PASSWORD, `$1$2:${DOTS}@`).replace(TOKEN_SECRET, `$1=${DOTS}`);
}
