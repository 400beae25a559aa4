import { quote } from "../core/argv.ts";

/** Where runs keep their process id and their temporary files: a tmpfs, gone after a restart. */
const RUNS = "/run/pxrun";

/** How many tenths of a second a process that was asked to end gets before it is killed. */
const GRACE = 50;

/**
 * The folder of a session that is ended is removed by whoever started it and by whoever ended it,
 * often at the same time. BusyBox's rm fails where the other one was quicker.
 */
function removing(run: string): string {
  return `rm -rf ${run} 2>/dev/null`;
}

/** What a login would set: lxc-attach may come with another order, or with none. */
const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Makes a script that runs `body` in a session of its own, so that
 * {@linkcode endSession} can end all of it. It is meant for the standard input
 * of `sh -s` and ends with the exit status of `body`.
 *
 * `body` is POSIX sh. It starts in root's home with /dev/null as standard input,
 * PATH, HOME and LC_ALL set, and `$pxrun` naming a folder for temporary
 * files, which is removed at the end.
 *
 * What stands behind the shape:
 * - A shell reads ahead on its standard input, some by blocks, some by bytes. So all is
 *   one function that is read to its end before anything runs. This also makes
 *   a script that was cut off on its way a syntax error instead of half a run.
 * - The session's shell gets its script through a pipe from `printf`, a builtin
 *   everywhere. A here-document would do, but bash keeps large ones in a file.
 * - Where there is no setsid, the process tree still leads to most of it.
 */
export function wrap(body: string, id: string): string {
  const run = `${RUNS}/${id}`;
  const session = `
run() {
pxrun=${run}
echo $$ >"$pxrun/pid"
[ ! -e "$pxrun/stop" ] || exit 143
umask 022
cd "$HOME" 2>/dev/null || cd /
${body}
}
run </dev/null
exit $?`;
  return `main() {
PATH=${SEARCH_PATH} HOME=/root LC_ALL=C
export PATH HOME LC_ALL
umask 077
mkdir -p ${run} || return 1
script=${quote(session)}
if command -v setsid >/dev/null 2>&1; then
printf '%s\\n' "$script" 2>/dev/null | setsid sh -s
else
printf '%s\\n' "$script" 2>/dev/null | sh -s
fi
status=$?
${removing(run)}
return $status
}
main; exit $?
`;
}

/**
 * Makes a script that ends the session that {@linkcode wrap} started under
 * this id: TERM, then KILL for what is still there after some seconds. A session
 * that has not started yet will not start any more. Exits 0 when nothing is left.
 * One that ends by itself meanwhile may take the folder away just before it is marked, but once.
 *
 * A process belongs to it whose parent or session leader does. A daemon
 * that has left both behind is on its own, as under any shell.
 */
export function endSession(id: string): string {
  const run = `${RUNS}/${id}`;
  return `main() {
umask 077
mark 2>/dev/null || mark || return 1
echo ending
[ -s ${run}/pid ] || return 0
read -r all <${run}/pid
find_all
kill -TERM $alive 2>/dev/null
kill -CONT $alive 2>/dev/null
tries=0
while find_all; [ -n "$alive" ]; do
tries=$((tries + 1))
[ $tries -lt ${GRACE} ] || kill -KILL $alive 2>/dev/null
if [ $tries -gt ${2 * GRACE} ]; then
echo "pxrun: cannot end these processes:$alive" >&2
return 1
fi
sleep 0.1 2>/dev/null || sleep 1
done
${removing(run)}
return 0
}
mark() {
mkdir -p ${run} && true >${run}/stop
}
find_all() {
again=yes
while [ -n "$again" ]; do
again= alive=
for stat in /proc/[0-9]*/stat; do
{ read -r line <"$stat"; } 2>/dev/null || continue
pid=\${line%% *}
set -- \${line##*) }
case $1 in Z | X) continue ;; esac
case " $all " in
*" $pid "*) alive="$alive $pid" ;;
*" $2 "* | *" $4 "*) all="$all $pid" alive="$alive $pid" again=yes ;;
esac
done
done
}
main </dev/null; exit $?
`;
}
