/**
 * A script that sends a signal to all that runs below the shell with this marker in its
 * arguments. It exits 0 when there is nothing left to send it to.
 */
export function killScript(marker: string, signal: string): string {
  return `main() {
tries=0 all=
for file in /proc/[0-9]*/cmdline; do
line=
{ read -r line <"$file"; } 2>/dev/null
pid=\${file#/proc/}
case $line in *${marker}*) all="$all \${pid%/cmdline}" ;; esac
done
[ -n "$all" ] || return 0
while :; do
below= again=yes
while [ -n "$again" ]; do
again=
for stat in /proc/[0-9]*/stat; do
{ read -r line <"$stat"; } 2>/dev/null || continue
pid=\${line%% *}
set -- \${line##*) }
case " $all $below " in
*" $pid "*) ;;
*" $2 "*) below="$below $pid" again=yes ;;
esac
done
done
[ -z "$below" ] || break
tries=$((tries + 1))
[ $tries -lt 20 ] || return 0
sleep 0.1 2>/dev/null || sleep 1
done
kill -${signal} $below 2>/dev/null
return 0
}
main </dev/null; exit $?
`;
}
