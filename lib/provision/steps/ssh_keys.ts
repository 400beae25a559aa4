import { quote } from "../../core/argv.ts";
import { reveal, type Secret } from "../../core/secret.ts";
import type { Sensitive } from "../../recipe/schema/types.ts";
import type { Step } from "../step.ts";
import { invalid, secretsIn } from "./values.ts";

/** `type blob` as they are in a line, after options, before a comment. sshd knows no other blanks. */
const KEY =
  /(?:^|[ \t])((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)[ \t]+(AAAA[A-Za-z0-9+/]+={0,2})(?:[ \t]|$)/;

/**
 * The `type blob` of a line of an authorized_keys file; undefined for what is no such line, and
 * for a certificate, by which sshd lets nobody in there.
 */
export function keyOf(line: string): string | undefined {
  const [, type, blob] = KEY.exec(line) ?? [];
  if (type === undefined || type.includes("-cert-")) return undefined;
  return /[\p{Cc}]/u.test(line.replaceAll("\t", "")) ? undefined : `${type} ${blob}`;
}

/** Description of a line that is not a public key, and the way to get one. */
export function otherThanKey(line: string): { readonly is: string; readonly hint: string } {
  const words = OTHERS.find(([form]) => form.test(line));
  return words === undefined
    ? { is: "not a public key", hint: "it looks like this: ssh-ed25519 AAAA… comment" }
    : { is: words[1], hint: words[2] };
}

const OTHERS: readonly (readonly [form: RegExp, is: string, hint: string])[] = [
  [
    /PRIVATE KEY|^PuTTY-User-Key-File/,
    "a private key",
    "name the public key, which is usually beside it with the ending .pub",
  ],
  [
    /^---- ?BEGIN SSH2 PUBLIC KEY/,
    "a public key in another format (RFC 4716)",
    "`ssh-keygen -i -f FILE` prints it as ssh reads it",
  ],
  [
    /^-----BEGIN PUBLIC KEY/,
    "a public key in another format (PKCS #8)",
    "`ssh-keygen -i -m PKCS8 -f FILE` prints it as ssh reads it",
  ],
  [
    /^-----BEGIN RSA PUBLIC KEY/,
    "a public key in another format (PEM)",
    "`ssh-keygen -i -m PEM -f FILE` prints it as ssh reads it",
  ],
  [
    /-cert-v01@openssh\.com[ \t]/,
    "a certificate",
    "name the public key that it was made for",
  ],
];

/** Shell that looks for keys in an authorized_keys file, and that puts them there. */
export interface AuthorizedKeys {
  /** Number of different keys. */
  readonly count: number;
  /** Exits 1 unless all are there, in a file with the right owner and mode. */
  readonly check: string;
  readonly act: string;
  readonly secrets: readonly Secret[];
}

/**
 * Lets keys log in as the user whose `$home` and numeric `$owner` (`0:0`) the shell before has set.
 * Other lines of the file stay; a key counts as there whatever its options and comment are.
 *
 * @param path The list in the recipe: `provisioning.ssh_keys`.
 * @param keys Public key lines, as in an authorized_keys file.
 * @throws {PxrunError} INVALID_RECIPE for what is no such line.
 */
export function authorizedKeys(path: string, keys: readonly Sensitive[]): AuthorizedKeys {
  const lines = new Map<string, string>();
  for (const [index, given] of keys.entries()) {
    const line = reveal(given).trim();
    const key = keyOf(line);
    if (key === undefined) {
      throw invalid(
        `${path}[${index}] is not one line with a public key`,
        "it looks like this: ssh-ed25519 AAAA… comment",
      );
    }
    lines.set(key, line);
  }
  const each = (command: string): string =>
    [...lines].map(([key, line]) => `${command} ${quote(key)} ${quote(line)}`).join("\n");
  return {
    count: lines.size,
    secrets: secretsIn(keys),
    check: `${HAS}
[ "$(stat -L -c '%a %u:%g' "$directory" 2>/dev/null)" = "700 $owner" ] || exit 1
[ "$(stat -L -c '%a %u:%g' "$file" 2>/dev/null)" = "600 $owner" ] || exit 1
want() { has "$1" || exit 1; }
${each("want")}`,
    act: `${HAS}
umask 077
mkdir -p "$directory" && touch "$file" && chown "$owner" "$directory" "$file" &&
chmod 700 "$directory" && chmod 600 "$file" || exit 1
[ -z "$(tail -c 1 "$file")" ] || echo >>"$file" || exit 1
want() { has "$1" || printf '%s\\n' "$2" >>"$file" || exit 1; }
${each("want")}`,
  };
}

/** `has "type blob"`: whether a line of the file holds this key, with blanks brought to one form. */
const HAS = `directory=$home/.ssh file=$home/.ssh/authorized_keys
set -f
has() {
wanted=$1
while read -r line || [ -n "$line" ]; do
set -- $line
case $1 in '#'*) continue ;; esac
case " $* " in *" $wanted "*) return 0 ;; esac
done <"$file"
return 1
}`;

/**
 * Lets these keys log in as root.
 *
 * @param keys Public key lines, as in an authorized_keys file.
 * @throws {PxrunError} INVALID_RECIPE for what is no such line.
 */
export function sshKeysStep(keys: readonly Sensitive[]): Step {
  const { count, check, act, secrets } = authorizedKeys("provisioning.ssh_keys", keys);
  const root = "home=/root owner=0:0";
  return {
    id: "ssh_keys",
    kind: "ssh_keys",
    title: count === 1 ? "ssh key of root" : `${count} ssh keys of root`,
    check: `${root}\n${check}`,
    act: `${root}\n${act}`,
    timeout: 60_000,
    continueOnError: false,
    secrets,
  };
}
