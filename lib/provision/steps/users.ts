import { quote } from "../../core/argv.ts";
import type { Sensitive, User } from "../../recipe/schema/types.ts";
import type { Step } from "../step.ts";
import { authorizedKeys } from "./ssh_keys.ts";
import { invalid } from "./values.ts";
import { installFor, REPAIR } from "./package_managers.ts";

/** A user to have, with the lines of its keys at hand. */
export type UserWish = Omit<User, "ssh_keys"> & { readonly ssh_keys: readonly Sensitive[] };

/**
 * Has a user with these groups, shell, home and keys. A new one has a group of its own and no
 * password. One that is there already gets what is missing: groups are added and none is taken
 * away, but a uid or home that differs is refused, since files would have to move with it.
 *
 * A member of sudo or wheel may use sudo without a password, having none.
 *
 * @param id The step's id: `users[0]`.
 * @throws {PxrunError} INVALID_RECIPE for names that no account can have.
 */
export function userStep(id: string, wish: UserWish): Step {
  const { username, uid, shell, home } = wish;
  const groups = [...new Set(wish.groups)];
  for (const name of [username, ...groups]) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(name)) {
      throw invalid(`provisioning.${id}: ${JSON.stringify(name)} is no name of a user or group`);
    }
  }
  for (const path of [shell, home]) {
    if (path !== undefined && !/^\/[^:\p{Cc}]+$/u.test(path)) {
      throw invalid(`provisioning.${id}: ${JSON.stringify(path)} cannot stand in /etc/passwd`);
    }
  }
  const sudoer = groups.includes("sudo") || groups.includes("wheel");
  if (sudoer && username === "ALL") {
    throw invalid(
      `provisioning.${id}: a user called ALL cannot use sudo, to which that is everyone`,
    );
  }
  const keys = authorizedKeys(`provisioning.${id}.ssh_keys`, wish.ssh_keys);
  const sudo = sudoer ? sudoRule(username) : undefined;
  const here = `name=${quote(username)} uid=${uid ?? ""} shell=${quote(shell ?? "")}
home=${quote(home ?? "")}
set -- ${groups.map(quote).join(" ")}
${READ}`;
  const loggingIn = keys.count === 0 ? "" : `owner=$has_uid:$has_gid home=$has_home
[ ! -h "$home/.ssh" ] && [ ! -h "$home/.ssh/authorized_keys" ]`;
  return {
    id,
    kind: "users",
    title: `user ${username}`,
    check: `${here}
account || exit 1
[ "\${uid:-$has_uid}:\${home:-$has_home}:\${shell:-$has_shell}" = "$has_uid:$has_home:$has_shell" ] || exit 1
groups_of "$name"
for group; do is_member "$group" || exit 1; done
${sudo === undefined ? "" : `${sudo.check} || exit 1`}
${keys.count === 0 ? "" : `${loggingIn} || exit 1\nlocked && exit 1\n${keys.check}`}`,
    act: `${here}
fail() { echo "$*" >&2; exit 1; }
${CHANGE}
[ -z "$shell" ] || [ -x "$shell" ] || fail "there is no $shell in this container; its package belongs in packages"
for group; do has_group "$group" || make_group "$group" || fail "cannot make the group $group"; done
if account; then
[ "\${uid:-$has_uid}" = "$has_uid" ] || fail "$name is there with the uid $has_uid; to give it $uid, move its files by hand"
[ "\${home:-$has_home}" = "$has_home" ] || fail "$name is there with the home $has_home; to give it $home, move it by hand"
[ "\${shell:-$has_shell}" = "$has_shell" ] || set_shell || fail "cannot set the shell of $name"
else
make_user || fail "cannot make the user $name"
fi
groups_of "$name"
for group; do is_member "$group" || join "$group" || fail "cannot add $name to $group"; done
${
      sudo === undefined
        ? ""
        : `${REPAIR}\ncommand -v sudo >/dev/null 2>&1 || {\n${
          installFor(() => "sudo")
        }\n}\n${sudo.act}`
    }
${
      keys.count === 0
        ? ""
        : `${loggingIn} || fail "$home/.ssh is a link, which is not followed for a user"
[ -d "$home" ] || { mkdir -p "$home" && chown "$owner" "$home"; } || fail "cannot make $home"
! locked || printf '%s:*\\n' "$name" | chpasswd -e || fail "cannot let $name log in with a key"
${keys.act}`
    }`,
    timeout: 10 * 60_000,
    continueOnError: false,
    secrets: keys.secrets,
  };
}

/**
 * State of the container: local accounts, as the tools change them. sshd without PAM refuses every login of
 * an account whose password is `!`, so who has keys gets `*`, which no password matches either.
 */
const READ = `account() {
while IFS=: read -r has_name skip has_uid has_gid skip has_home has_shell; do
[ "$has_name" != "$name" ] || return 0
done </etc/passwd
return 1
}
has_group() {
while IFS=: read -r has_name skip; do
[ "$has_name" != "$1" ] || return 0
done </etc/group
return 1
}
locked() {
while IFS=: read -r has_name has_password skip; do
[ "$has_name" = "$name" ] || continue
case $has_password in '!' | '!!') return 0 ;; esac
done 2>/dev/null </etc/shadow
return 1
}
groups_of() { member_of=" $(id -Gn "$1") "; }
is_member() { case $member_of in *" $1 "*) ;; *) return 1 ;; esac; }`;

/**
 * The tools of the shadow suite, else those of BusyBox, which has none that sets a shell. A home
 * that was there before is given away only below /home: elsewhere it may be the system's.
 */
const CHANGE = `suite() { command -v useradd >/dev/null 2>&1; }
make_group() { if suite; then groupadd "$1"; else addgroup "$1"; fi; }
join() { if suite; then usermod -aG "$1" "$name"; else addgroup "$name" "$1"; fi; }
set_shell() {
if suite; then usermod -s "$shell" "$name"; return; fi
while IFS= read -r line; do
case $line in "$name":*) line=\${line%:*}:$shell ;; esac
printf '%s\\n' "$line"
done </etc/passwd >/etc/passwd.pxrun && chmod 644 /etc/passwd.pxrun && mv -f /etc/passwd.pxrun /etc/passwd
}
make_user() {
home=\${home:-/home/$name}
if [ -z "$shell" ]; then
shell=$(sed -n 's/^root:.*://p' /etc/passwd)
fi
case $home in
/home/?*) give=yes ;;
*) give=; [ -e "$home" ] || give=yes ;;
esac
mkdir -p "\${home%/*}/" || return 1
if suite; then
if has_group "$name"; then set -- -g "$name"; else set -- -U; fi
useradd -m "$@" \${uid:+-u "$uid"} -d "$home" -s "\${shell:-/bin/sh}" "$name" || return 1
else
has_group "$name" || addgroup \${uid:+-g "$uid"} "$name" || addgroup "$name" || return 1
adduser -D -h "$home" -s "\${shell:-/bin/sh}" -G "$name" \${uid:+-u "$uid"} "$name" || return 1
fi
account && { [ -z "$give" ] || { mkdir -p "$home" && chown "$has_uid:$has_gid" "$home"; }; }
}`;

/** Shell about one user's right to use sudo. */
interface SudoRule {
  /** One command that succeeds when sudo and the rule are there. */
  readonly check: string;
  /** Puts the rule in place, once sudo and the function `fail` are there. */
  readonly act: string;
}

/**
 * Lets a user do everything with sudo, without a password, as cloud images do: it has none. The
 * rule is a file of its own, which sudo would ignore with a dot in its name.
 */
function sudoRule(username: string): SudoRule {
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
