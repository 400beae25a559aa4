import type { Step } from "../step.ts";

/** Seconds to wait for a container that has just started. */
const PATIENCE = 60;
/** Seconds to wait where it may be that names never resolve. */
const SHORT_PATIENCE = 10;

/**
 * Waits until names resolve, which comes some time after an address. It asks for the hosts that
 * the package manager will ask for: its proxies, else its sources. Where all of them are
 * addresses or local directorys there is nothing to wait for.
 *
 * @param prepares The steps that need it.
 * @param needed Whether they cannot do without: a script may well, in a network of its own.
 */
export function networkStep(prepares: readonly string[], needed: boolean): Step {
  return {
    id: "network",
    kind: "network",
    title: "wait for name resolution",
    check: undefined,
    act: waitForNames(needed ? PATIENCE : SHORT_PATIENCE),
    timeout: (PATIENCE + 60) * 1000,
    continueOnError: !needed,
    secrets: [],
    prepares,
  };
}

/** Shell that exits 0 as soon as a name resolves, and 1 when none does for that number of seconds. */
export const waitForNames = (seconds: number): string =>
  String.raw`
hosts_in() {
sed -n -e '/^[[:space:]]*#/d' -e 's,.*[a-z]://\([^][/[:space:]"$;]*\).*,\1,p' |
sed -e 's,.*@,,' -e 's,:[0-9]*$,,' -e '/^[0-9.]*$/d' | sort -u | head -n 5
}
resolves() {
if command -v getent >/dev/null 2>&1; then
getent ahosts "$1" >/dev/null 2>&1 || getent hosts "$1" >/dev/null 2>&1
else
nslookup "$1" >/dev/null 2>&1
fi
}
proxies=$(cat /etc/apt/apt.conf /etc/apt/apt.conf.d/* /etc/dnf/dnf.conf /etc/yum.conf 2>/dev/null |
grep -i '^[^#/]*proxy.*://')
if [ -n "$proxies" ]; then
hosts=$(printf '%s\n' "$proxies" | hosts_in)
else
sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
/etc/apk/repositories /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo /etc/pacman.d/mirrorlist 2>/dev/null)
hosts=$(printf '%s\n' "$sources" | hosts_in)
[ -n "$sources" ] || hosts='deb.debian.org dl-cdn.alpinelinux.org'
fi
[ -n "$hosts" ] || exit 0
end=$(($(date +%s) + ${seconds}))
while :; do
for host in $hosts; do
resolves "$host" && exit 0
done
[ "$(date +%s)" -lt "$end" ] || break
sleep 0.5 2>/dev/null || sleep 1
done
echo "no name resolves after ${seconds} s; tried:" $hosts >&2
echo "/etc/resolv.conf names these servers:" $(sed -n 's/^nameserver *//p' /etc/resolv.conf) >&2
exit 1`;
