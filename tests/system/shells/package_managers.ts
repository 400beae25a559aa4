import type { TestRoot } from "../../support/chroot.ts";

/** The package managers that have a stand-in. */
export type Manager = "apt-get" | "apk" | "pacman" | "zypper" | "dnf" | "microdnf" | "yum";

const LOG = `{ printf '%s' "\${0##*/}"; printf '|%s' "$@"; echo; } >>/var/log/packages\n`;

/** What every stand-in does with names: nosuch-… cannot be installed, the others can. */
const INSTALL = `install() {
for want; do
case $want in -*) continue ;; nosuch*) echo "cannot find $want" >&2; exit 100 ;; esac
echo "installing $want"
echo "$want" >>/var/lib/packages
done
}\n`;

/** Debian's own dpkg-query reads what this writes. */
const APT = `${LOG}${INSTALL}
case " $* " in
*" update "*) if [ -e /var/locked ]; then
rm /var/locked; echo "E: Could not get lock /var/lib/apt/lists/lock." >&2; exit 100; fi
[ ! -e /var/offline ] || { echo "E: offline" >&2; exit 100; } ;;
*" install "*)
! ls /var/lib/dpkg/updates 2>/dev/null | grep -q . || { echo "E: dpkg was interrupted" >&2; exit 100; }
while [ "$1" != install ]; do shift; done; shift
install "$@"
for want; do
name=\${want%%[=:/]*} version=1.0-1
case $want in *=*\\*) version=\${want#*=}; version=\${version%\\*}5 ;; *=*) version=\${want#*=} ;; esac
[ "$name" = mawk ] && provides='awk (= 1), awk-like' || provides=none
printf 'Package: %s\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: %s\\nProvides: %s\\nMaintainer: x\\nDescription: x\\n\\n' \\
"$name" "$version" "$provides" >>/var/lib/dpkg/status
done ;;
esac`;

/** Finishes what is in its state, unless it is to fail. */
const DPKG = `${LOG}
if [ -e /var/dpkg-locked ]; then
rm /var/dpkg-locked
echo "dpkg: error: dpkg frontend lock was locked by another process with pid 7" >&2; exit 2; fi
rm -f /var/lib/dpkg/updates/*
[ ! -e /var/dpkg-fails ] || exit 1
sed -i 's/ unpacked$/ installed/' /var/lib/dpkg/status`;

const RPM = `${LOG}
[ ! -e /var/rpm-broken ] || { [ "$1" != --rebuilddb ] || { rm /var/rpm-broken; exit 0; }
echo "error: db5 error(-30973) from dbenv->failchk: BDB0087 DB_RUNRECOVERY" >&2; exit 1; }
[ "$1" != -qa ] || exit 0
shift
[ "$1" != --whatprovides ] || { shift; sed 's/^/provides-/' /var/lib/packages >/tmp/provides
grep -qxF "provides-\${1#virtual-}" /tmp/provides; exit; }
missing=0
for want; do grep -qxF -e "$want" /var/lib/packages || missing=$((missing + 1)); done
exit $missing`;

const STAND_INS: Record<string, string> = {
  dpkg: DPKG,
  "apt-get": APT,
  apk: `${LOG}${INSTALL}
case $1 in
info) shift 2; missing=0
for want; do grep -qxF -e "$want" /var/lib/packages || missing=$((missing + 1)); done
exit $missing ;;
--wait) shift 2; case $1 in fix) ;; *) shift; install "$@" ;; esac ;;
esac`,
  pacman: `${LOG}${INSTALL}
case $1 in -S*) [ ! -e /var/lib/pacman/db.lck ] || { echo "unable to lock database" >&2; exit 1; } ;; esac
case $1 in
-T) shift; for want; do grep -qxF -e "$want" /var/lib/packages || { echo "$want"; status=127; }; done
exit \${status:-0} ;;
-Su) shift; install "$@" ;;
esac`,
  "pacman-key": LOG,
  rpm: RPM,
  zypper: `${LOG}${INSTALL}shift 2; install "$@"; exit 106`,
  dnf: `${LOG}${INSTALL}shift; install "$@"`,
};

/** Gives the root a package manager that keeps a list and a log. */
export async function havePackageManager(root: TestRoot, manager: Manager): Promise<void> {
  for (
    const directory of [
      "usr/lib/apk/db",
      "var/lib/dpkg/updates",
      "var/lib/pacman",
      "etc/pacman.d/gnupg",
    ]
  ) {
    await Deno.mkdir(`${root.directory}/${directory}`, { recursive: true });
  }
  await root.write("/var/lib/packages", "");
  await root.write("/var/log/packages", "");
  const programs = {
    "apt-get": ["apt-get", "dpkg"],
    apk: ["apk"],
    pacman: ["pacman", "pacman-key"],
    zypper: ["zypper", "rpm"],
    dnf: ["dnf", "rpm"],
    microdnf: ["microdnf", "rpm"],
    yum: ["yum", "rpm"],
  };
  for (const name of programs[manager]) {
    await root.program(name, STAND_INS[name] ?? STAND_INS["dnf"] ?? "");
  }
}

/** The calls that changed something or might have, each as `program|word|word`. */
export async function packageCalls(root: TestRoot): Promise<string[]> {
  const lines = (await root.read("/var/log/packages")).split("\n");
  return lines.filter((line) => line !== "" && !/^rpm\||^apk\|info|^pacman\|-T/.test(line));
}
