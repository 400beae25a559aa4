import { limits } from "../core/limits.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { quote } from "../core/argv.ts";
import { within } from "../core/within.ts";
import type { Clock } from "../core/platform.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { type Access, type EnterOptions, feedShell, type WaitingShell } from "./enter.ts";

/** Tenths of a second that a process gets between TERM and KILL. */
const GRACE = 50;

/** Tenths of a second that a command may take until its first process is there. */
const APPEARS = 20;

/** Directory in which runs keep their process id and temporary files: a tmpfs, gone after a restart. */
const RUNS = "/run/pxrun";

/**
 * The directory of a session that is ended is removed both by the session and by what ends it,
 * often at the same time. BusyBox's rm fails where the other one was quicker.
 */
function removing(run: string): string {
  return `rm -rf ${run} 2>/dev/null`;
}

/** Search path as a login would set it: lxc-attach may come with another order, or with none. */
const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Makes a script that runs `body` in a session of its own, so that
 * {@linkcode endSession} can end all of it. It is meant for the standard input
 * of `sh -s` and ends with the exit status of `body`.
 *
 * `body` is POSIX sh. It starts in root's home with /dev/null as standard input,
 * PATH, HOME and LC_ALL set, and `$pxrun` naming a directory for temporary
 * files, which is removed at the end.
 *
 * Why it has this shape:
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
 * Finds the processes that belong to those in `all`, and adds them: a process belongs to what its
 * parent or session leader is. A daemon that has left both behind is on its own, as under any shell.
 * `alive` is what of them lives and is not `spared`.
 */
const FIND_ALL = `find_all() {
again=yes
while [ -n "$again" ]; do
again= alive=
for stat in /proc/[0-9]*/stat; do
{ read -r line <"$stat"; } 2>/dev/null || continue
pid=\${line%% *}
set -- \${line##*) }
case $1 in Z | X) continue ;; esac
case " $spared " in *" $pid "*) continue ;; esac
case " $all " in
*" $pid "*) alive="$alive $pid" ;;
*" $2 "* | *" $4 "*) all="$all $pid" alive="$alive $pid" again=yes ;;
esac
done
done
}`;

/**
 * TERM for what is in `alive`, then KILL for what is still there after some seconds. Half-way, TERM
 * also goes to what was started meanwhile: a shell that got it just before it started a command
 * waits for the end of that command. What a shell starts to clean up has until then.
 */
const END_ALL = `end_all() {
asked=$alive
kill -TERM $alive 2>/dev/null
kill -CONT $alive 2>/dev/null
tries=0
while find_all; [ -n "$alive" ]; do
tries=$((tries + 1))
[ $tries -ne ${GRACE / 2} ] || ask_new
[ $tries -lt ${GRACE} ] || kill -KILL $alive 2>/dev/null
if [ $tries -gt ${2 * GRACE} ]; then
echo "pxrun: cannot end these processes:$alive" >&2
return 1
fi
sleep 0.1 2>/dev/null || sleep 1
done
}
ask_new() {
for pid in $alive; do
case " $asked " in *" $pid "*) ;; *) kill -TERM $pid 2>/dev/null; kill -CONT $pid 2>/dev/null ;; esac
done
}`;

/**
 * A script that ends the session that `wrap` started under this id. A session that has not started
 * yet will not start any more. It prints a line when it has begun, and exits 0 when nothing is left.
 * A session that ends by itself meanwhile may remove the directory just before it is marked, but
 * only once.
 */
export function endSession(id: string): string {
  const run = `${RUNS}/${id}`;
  return `main() {
spared=
umask 077
mark 2>/dev/null || mark || return 1
echo ending
[ -s ${run}/pid ] || return 0
read -r all <${run}/pid
find_all
end_all || return 1
${removing(run)}
return 0
}
mark() {
mkdir -p ${run} && true >${run}/stop
}
${FIND_ALL}
${END_ALL}
main </dev/null; exit $?
`;
}

/**
 * A script that ends all that runs below the shell with this marker in its arguments, in the same
 * way; the shell itself then ends with the status of its command.
 */
export function endCommand(marker: string): string {
  return belowShell(marker, "end_all", END_ALL);
}

/** A script that sends a signal once to all that runs below the shell with this marker. */
export function signalCommand(marker: string, signal: string): string {
  return belowShell(marker, `kill -${signal} $alive 2>/dev/null\nreturn 0`);
}

/** Nothing is done where the command has ended. */
function belowShell(marker: string, act: string, functions = ""): string {
  return `main() {
echo ending
tries=0
while :; do
find_shell
[ -n "$spared" ] || return 0
all=$spared
find_all
[ -z "$alive" ] || break
tries=$((tries + 1))
[ $tries -lt ${APPEARS} ] || return 0
sleep 0.1 2>/dev/null || sleep 1
done
${act}
}
find_shell() {
spared=
for file in /proc/[0-9]*/cmdline; do
line=
{ read -r line <"$file"; } 2>/dev/null
pid=\${file#/proc/}
case $line in *${marker}*) spared="$spared \${pid%/cmdline}" ;; esac
done
}
${FIND_ALL}
${functions}
main </dev/null; exit $?
`;
}

/** Options for running a script in a container. */
export interface RunOptions extends EnterOptions {
  readonly clock: Clock;
  /** Milliseconds after which the script is ended. */
  readonly timeout: number;
  /** Ends the script. */
  readonly signal?: AbortSignal | undefined;
  /** Runs it where it can; absent: the container is entered for this script. */
  readonly shell?: WaitingShell | undefined;
  /** A UUID by which {@linkcode endInGuest} finds it. */
  readonly id?: string;
}

/**
 * Runs a POSIX sh script as root in a container and waits for its end. The script
 * travels on standard input, so nothing of it is seen in a process list.
 *
 * @returns How the script itself ended, whatever its exit status.
 * @throws {PxrunError} TIMEOUT when it took too long; PERMISSION_DENIED or FAILED when the
 * container could not be entered; UNREACHABLE when the connection dropped. The signal's
 * reason when that was aborted. Except for a lost connection, the script has ended by then.
 */
export async function runInGuest(
  ssh: SshTransport,
  vmid: number,
  script: string,
  options: RunOptions,
): Promise<ExecResult> {
  const { clock, timeout, signal, id = crypto.randomUUID() } = options;
  signal?.throwIfAborted();
  const channel = new AbortController();
  const text = wrap(script, id);
  const shell = options.shell?.usable ? options.shell : undefined;
  let begun = false;
  const entering = { ...options, signal: channel.signal, onBegun: () => begun = true };
  const running = shell ? shell.run(text, entering) : feedShell(ssh, vmid, text, entering);
  if (await settles(running, timeout, clock, signal)) return await running;
  if (!begun && !shell?.begun) {
    // The script was not even sent.
    channel.abort(signal?.reason);
    await running.catch(() => {});
    signal?.throwIfAborted();
    throw late(vmid, timeout, "it had not begun");
  }
  const release = (): void => channel.abort(signal?.reason);
  const left = await endRunning(ssh, vmid, endSession(id), options, running, release);
  await running.catch(() => {});
  signal?.throwIfAborted();
  const outcome = left === undefined ? "it was ended" : `it could not be ended: ${left}`;
  throw late(vmid, timeout, outcome);
}

function late(vmid: number, timeout: number, outcome: string): PxrunError {
  return new PxrunError(
    "TIMEOUT",
    `the script took longer than ${timeout / 1000} s in container ${vmid}; ${outcome}`,
  );
}

/** The end has a name of its own: where comparing takes the cluster, it goes without. */
export function toEnd({ sudo, same }: Access): Access {
  return sudo ? { sudo } : { same };
}

/**
 * Ends a script whose connection was lost, and keeps it from beginning.
 *
 * @param id That of {@linkcode RunOptions}.
 * @throws {PxrunError} As {@linkcode runInGuest} does; FAILED where it could not be ended.
 */
export async function endInGuest(
  ssh: SshTransport,
  vmid: number,
  id: string,
  { clock, signal, ...access }: Access & Pick<RunOptions, "clock" | "signal">,
): Promise<void> {
  const what = `ending what was cut off in container ${vmid}`;
  const { code, stderr } = await within(
    { clock, ms: limits.guest.ending, what, signal },
    (late) => feedShell(ssh, vmid, endSession(id), { ...toEnd(access), signal: late }),
  );
  if (code === 0) return;
  throw new PxrunError("FAILED", `${what}: ${new TextDecoder().decode(stderr).trim()}`);
}

/**
 * Ends what runs in a container by a script that prints a line once it has begun; gives the reason
 * when that did not work. The first channel stays open meanwhile, since a script that can no longer
 * print dies before it can clean up. Only where it may be what keeps the second one from opening
 * is it released early.
 *
 * @param script From {@linkcode endSession} or {@linkcode endCommand}.
 * @param running What ends with the first channel.
 * @param release Gives the first channel up.
 */
export async function endRunning(
  ssh: SshTransport,
  vmid: number,
  script: string,
  { clock, sudo, same }: Access & Pick<RunOptions, "clock">,
  running: Promise<unknown>,
  release: () => void,
): Promise<string | undefined> {
  const begun = Promise.withResolvers<void>();
  const patience = new AbortController();
  const ending = feedShell(ssh, vmid, script, {
    ...toEnd({ sudo, same }),
    signal: patience.signal,
    onStdout: () => begun.resolve(),
  }).then(
    ({ code, stderr }) => code === 0 ? undefined : new TextDecoder().decode(stderr).trim(),
    messageOf,
  );
  if (!await settles(Promise.race([begun.promise, ending]), limits.guest.channel, clock)) release();
  if (!await settles(ending, limits.guest.ending, clock)) {
    patience.abort(new Error(`no answer within ${limits.guest.ending / 1000} s`));
  }
  const left = await ending;
  await settles(running, limits.guest.drain, clock);
  release();
  return left;
}

/** True if a promise is fulfilled or rejected before the time is over or the signal aborted. */
export async function settles(
  promise: Promise<unknown>,
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<boolean> {
  const done = new AbortController();
  const signals = signal ? [done.signal, signal] : [done.signal];
  try {
    return await Promise.race([
      promise.then(() => true, () => true),
      clock.sleep(ms, AbortSignal.any(signals)).then(() => false, () => false),
    ]);
  } finally {
    done.abort();
  }
}
