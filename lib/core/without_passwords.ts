import { DOTS } from "./secret.ts";

/**
 * `user:password@` or `user@realm:password@`, alone or in an address. A port before the next node
 * of a list is no password.
 */
const PASSWORD = /(^|\/\/|=)(\s*[^\s/:=]*):(?!\/\/|\d+,[^\s,=]+=)\S*@/g;
/**
 * `user:password` and no more: digits would be a port, what has more colons an address, and what
 * has slashes a path. `tag:` is Tailscale's.
 */
const ALONE = /^(?!tag:)(\s*[^\s/:=[\]]+):(?!\d+\s*$)[^\s/\\:@]+\s*$/;
/** `user@realm!name=secret`, as an Authorization header has it, or with a colon as for curl. */
const TOKEN_SECRET = /(@[\w.-]+![\w.-]+[=:])\w\S*/g;

/**
 * A text that somebody has typed, for a message about it: with dots over the password of an
 * address and the secret of an API token, which are easily typed along with them.
 */
export function withoutPasswords(text: string): string {
  return text.replace(PASSWORD, `$1$2:${DOTS}@`)
    .replace(ALONE, `$1:${DOTS}`)
    .replace(TOKEN_SECRET, `$1${DOTS}`);
}
