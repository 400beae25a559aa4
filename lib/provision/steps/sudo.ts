import { quote } from "../../core/argv.ts";

/** Shell about one user's right to use sudo. */
export interface SudoRule {
  /** One command that succeeds when sudo and the rule are there. */
  readonly check: string;
  /** Puts the rule in place, once sudo and the function `fail` are there. */
  readonly act: string;
}

/**
 * Lets a user do everything with sudo, without a password, as cloud images do: it has none. The
 * rule is a file of its own, which sudo would ignore with a dot in its name.
 */
export function sudoRule(username: string): SudoRule {
  const file = quote(`/etc/sudoers.d/pxrun-${username.replaceAll(".", "%")}`);
  // In quotes, since a name in capitals would be that of an alias.
  const rule = quote(`"${username}" ALL=(ALL:ALL) NOPASSWD: ALL`);
  return {
    check: `{ command -v sudo >/dev/null 2>&1 && [ "$(cat ${file} 2>/dev/null)" = ${rule} ] &&
[ "$(stat -c '%a %u:%g' ${file})" = '440 0:0' ]; }`,
    act: `mkdir -p /etc/sudoers.d && printf '%s\\n' ${rule} >/etc/sudoers.d/.pxrun &&
chmod 440 /etc/sudoers.d/.pxrun && chown 0:0 /etc/sudoers.d/.pxrun || fail "cannot write in /etc/sudoers.d"
if command -v visudo >/dev/null 2>&1 && ! visudo -cf /etc/sudoers.d/.pxrun; then
rm -f /etc/sudoers.d/.pxrun
fail "sudo does not take the rule for $name"
fi
mv -f /etc/sudoers.d/.pxrun ${file} || fail "cannot write in /etc/sudoers.d"`,
  };
}
