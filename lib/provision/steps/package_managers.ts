import { waitForNames } from "./network.ts";

/** Commands of one package manager, as POSIX sh. The names are "$@". */
export interface PackageManager {
  /** The programs that it consists of; the first one names it. */
  readonly needs: readonly [string, ...string[]];
  /** Succeeds when all are installed. May be false for names that `has` knows better. */
  readonly all: string;
  /** Defines `has NAME`: installed by this name, in this version, or provided by something. */
  readonly has: string;
  /** Brings to an end what was cut off, where something was; whatever it makes of it, work continues. */
  readonly repair: string;
  /** Installs them with the distribution's defaults, recommended packages too, as by hand. */
  readonly install: string;
}

const APT_ENVIRONMENT = `export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1`;

/** Waits for dpkg's lock; keeps configuration files as they are: there is no one to ask. */
const APT_GET = `apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \\
-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold`;

/**
 * State after a connection that was lost in the middle of dpkg: apt-get installs nothing more then.
 * dpkg cannot wait for its lock. What was only half unpacked has to be unpacked again, which takes
 * apt-get.
 */
const APT_REPAIR = `was_cut_off() {
ls /var/lib/dpkg/updates 2>/dev/null | grep -q '^[0-9]' ||
dpkg-query -W -f='\${db:Status-Status} \${db:Status-Eflag}\\n' 2>/dev/null |
grep -qv -e '^installed ok$' -e '^config-files ok$' -e '^not-installed ok$'
}
if was_cut_off; then
${APT_ENVIRONMENT}
echo "dpkg was interrupted here: finishing what it was at"
tries=0
until dpkg --force-confdef --force-confold --configure -a 2>"$pxrun/dpkg"; do
tries=$((tries + 1))
if [ $tries -ge 60 ] || ! grep -q 'lock.* by another process' "$pxrun/dpkg"; then break; fi
sleep 5
done
cat "$pxrun/dpkg" >&2
! was_cut_off || ${APT_GET} -f install
fi`;

/**
 * One call of dpkg-query answers for all real packages, with and without architecture; only a
 * name that is none of them costs another one. A version may end in `*`, as apt-get takes it.
 *
 * The lock that apt-get waits for is dpkg's; for the one of the package lists, which a timer holds
 * soon after the first start, it gives up at once. A failed update alone is no reason to stop: the
 * lists may be good enough.
 */
export const APT: PackageManager = {
  needs: ["apt-get", "dpkg-query"],
  repair: APT_REPAIR,
  all: "false",
  has: `names=
for want; do names="$names \${want%%[=/]*}"; done
known=$(dpkg-query -W -f='<\${db:Status-Status} \${Package}=\${Version}>\
<\${db:Status-Status} \${Package}:\${Architecture}=\${Version}>' $names 2>/dev/null)
has() {
name=\${1%%[=/]*} version='*'
case $1 in *=*) version=\${1#*=} ;; esac
case $known in *"<installed $name="$version">"*) return 0 ;; esac
[ "$version" = '*' ] || return 1
dpkg-query -W -f='\${db:Status-Status} \${Provides},\\n' | grep -q "^installed.* $name[ ,]"
}`,
  install: `${APT_ENVIRONMENT}
tries=0
while ! apt-get -q -o Acquire::Retries=3 update 2>"$pxrun/update"; do
tries=$((tries + 1))
if [ $tries -ge 60 ] || ! grep -q 'Could not get lock' "$pxrun/update"; then
echo "apt-get update failed; going on with the package lists as they are" >&2
break
fi
sleep 5
done
cat "$pxrun/update" >&2
${APT_GET} install "$@"`,
};

/** Its lock goes with the process; a package with `f:` was not unpacked, or its script not run. */
const APK: PackageManager = {
  needs: ["apk"],
  repair:
    `if cat /lib/apk/db/installed /usr/lib/apk/db/installed 2>/dev/null | grep -q '^f:.*[fxs]'; then
apk --wait 300 fix
fi`,
  all: 'apk info -e "$@" >/dev/null',
  has: 'has() { apk info -e "$1" >/dev/null; }',
  install: `apk --wait 300 add --update-cache "$@"`,
};

/**
 * A partial upgrade is unsupported on Arch, so all of it is upgraded, its signing keys first.
 *
 * One that was killed leaves its lock, and files that belong to no package. The lock counts as long as
 * some program, pacman or another, has it open.
 */
const PACMAN: PackageManager = {
  needs: ["pacman"],
  repair: `lock=/var/lib/pacman/db.lck overwrite=
is_held() {
for held in /proc/[0-9]*/fd/*; do
[ "$(readlink "$held" 2>/dev/null)" != "$lock" ] || return 0
done
return 1
}
tries=0
while [ -e "$lock" ] && is_held && [ $tries -lt 60 ]; do
tries=$((tries + 1))
sleep 5
done
if [ -e "$lock" ] && ! is_held; then
echo "pacman was interrupted here: removing its lock"
rm -f "$lock"
overwrite=--overwrite=*
fi`,
  all: 'pacman -T "$@" >/dev/null',
  has: 'has() { pacman -T "$1" >/dev/null; }',
  install: `if [ ! -e /etc/pacman.d/gnupg/trustdb.gpg ]; then
pacman-key --init && pacman-key --populate || exit 1
fi
pacman -Sy --noconfirm --needed archlinux-keyring || exit 1
pacman -Su --noconfirm --needed \${overwrite:+"$overwrite"} "$@"`,
};

/**
 * dnf and zypper see by themselves that a lock has no owner any more, and install again what was
 * unpacked half; only the database of rpm, in its older format, may be left unusable.
 *
 * rpm takes `name-version`; what is no package may be provided by one.
 */
const RPM = {
  repair: `if rpm -qa 2>&1 >/dev/null | grep -qi -e 'db[0-9]* error' -e 'cannot open Packages'; then
echo "the database of rpm was left unusable: building it again"
rpm --rebuilddb
fi`,
  all: 'rpm -q "$@" >/dev/null 2>&1',
  has: `has() {
case $1 in *=*) set -- "\${1%%=*}-\${1#*=}" ;; esac
rpm -q "$1" >/dev/null 2>&1 || rpm -q --whatprovides "$1" >/dev/null 2>&1
}`,
};

/** 102, 103 and 106 report success with a remark: restart needed, a repository skipped. */
const ZYPPER: PackageManager = {
  needs: ["zypper", "rpm"],
  ...RPM,
  install: `export ZYPP_LOCK_TIMEOUT=300
zypper --non-interactive install --auto-agree-with-licenses "$@"
case $? in 0 | 102 | 103 | 106) ;; *) exit 1 ;; esac`,
};

/** The manager of Fedora and its kin, under one of its names. */
export function dnf(program: string): PackageManager {
  return {
    needs: [program, "rpm"],
    ...RPM,
    install: `for want; do
shift
case $want in *=*) want=\${want%%=*}-\${want#*=} ;; esac
set -- "$@" "$want"
done
${program} install -y "$@"`,
  };
}

/** In the order of looking: dnf may be an extra on a system that belongs to zypper. */
const MANAGERS: readonly PackageManager[] = [
  APT,
  APK,
  PACMAN,
  ZYPPER,
  dnf("dnf"),
  dnf("microdnf"),
  dnf("yum"),
];

function branches(part: (manager: PackageManager) => string): string {
  return MANAGERS.map((manager) => {
    const there = manager.needs.map((name) => `command -v ${name} >/dev/null 2>&1`).join(" && ");
    return `if ${there}; then\n${part(manager)}\n`;
  }).join("el");
}

/**
 * Shell that brings to an end what a package manager was at when it was cut off. It belongs before the
 * question whether something is installed: what is there may be so in part.
 */
export const REPAIR = `${branches(({ repair }) => repair)}fi`;

/** Shell that does something with the first package manager that is there, or says that none is. */
export function withManager(part: (manager: PackageManager) => string): string {
  const known = MANAGERS.map((manager) => manager.needs[0]).join(", ");
  return `${branches(part)}else
echo "this container has none of the known package managers (${known})" >&2
exit 1
fi`;
}

/**
 * Shell that installs what a step cannot do without, once names resolve; it ends the step when that
 * fails.
 *
 * @param namesFor What the packages are called for a manager, such as `zypper`.
 */
export function installFor(namesFor: (manager: string) => string): string {
  return `(
${waitForNames(60)}
) && (
${withManager((manager) => `set -- ${namesFor(manager.needs[0])}\n${manager.install}`)}
) || exit 1`;
}
