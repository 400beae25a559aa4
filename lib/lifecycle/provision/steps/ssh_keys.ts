import { quote } from "../../../core/argv.ts";
import { reveal } from "../../../core/secret.ts";
import type { Sensitive } from "../../../recipe/types.ts";
import type { Step } from "../step.ts";
import { invalid } from "./invalid.ts";
import { secretsIn } from "./payload.ts";

/** `type blob` as they stand in a line, after options, before a comment. */
const KEY = /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+(AAAA[A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/**
 * Lets these keys log in as root. What else stands in the file stays; a key counts
 * as there whatever its options and comment are.
 *
 * @param keys Public key lines, as in an authorized_keys file.
 * @throws {PxrunError} INVALID_RECIPE for what is no such line.
 */
export function sshKeysStep(keys: readonly Sensitive[]): Step {
  const lines = new Map<string, string>();
  for (const [index, key] of keys.entries()) {
    const line = reveal(key).trim();
    const [, type, blob] = KEY.exec(line) ?? [];
    if (type === undefined || blob === undefined || /[\p{Cc}]/u.test(line.replaceAll("\t", ""))) {
      throw invalid(
        `provisioning.ssh_keys[${index}] is not one line with a public key`,
        "it looks like this: ssh-ed25519 AAAA… comment",
      );
    }
    lines.set(`${type} ${blob}`, line);
  }
  const each = (command: string): string =>
    [...lines].map(([key, line]) => `${command} ${quote(key)} ${quote(line)}`).join("\n");
  return {
    id: "ssh_keys",
    kind: "ssh_keys",
    title: lines.size === 1 ? "ssh key of root" : `${lines.size} ssh keys of root`,
    check: `${HAS}
[ "$(stat -L -c '%a %u:%g' "$folder" 2>/dev/null)" = '700 0:0' ] || exit 1
[ "$(stat -L -c '%a %u:%g' "$file" 2>/dev/null)" = '600 0:0' ] || exit 1
want() { has "$1" || exit 1; }
${each("want")}`,
    act: `${HAS}
umask 077
mkdir -p "$folder" && touch "$file" && chown 0:0 "$folder" "$file" &&
chmod 700 "$folder" && chmod 600 "$file" || exit 1
[ -z "$(tail -c 1 "$file")" ] || echo >>"$file" || exit 1
want() { has "$1" || printf '%s\\n' "$2" >>"$file" || exit 1; }
${each("want")}`,
    timeout: 60_000,
    continueOnError: false,
    secrets: secretsIn(keys),
  };
}

/** `has "type blob"`: whether a line of the file holds this key, with blanks brought to one form. */
const HAS = `folder=/root/.ssh file=/root/.ssh/authorized_keys
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
