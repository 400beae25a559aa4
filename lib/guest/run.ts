import { messageOf, PxrunError } from "../core/errors.ts";
import { within } from "../core/within.ts";
import type { Clock } from "../core/world.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import type { ShellAhead } from "./ahead.ts";
import { enter, type EnterOptions } from "./enter.ts";
import { endSession, wrap } from "./session.ts";

/** How long to wait for a second channel before the first one is given up for it. */
const CHANNEL_MS = 2_000;
/** How long ending a session may take: a little above its own patience. */
const ENDING_MS = 20_000;
/** How long the last output may take to arrive once the script has ended. */
const DRAIN_MS = 1_000;

/** How to run a script in a container. */
export interface RunOptions extends EnterOptions {
  readonly clock: Clock;
  /** Milliseconds after which the script is ended. */
  readonly timeout: number;
  /** Ends the script. */
  readonly signal?: AbortSignal | undefined;
  /** Runs it where it can; absent: the container is entered for this script. */
  readonly shell?: ShellAhead | undefined;
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
  const running = shell ? shell.run(text, entering) : enter(ssh, vmid, text, entering);
  if (await settles(running, timeout, clock, signal)) return await running;
  if (!begun && !shell?.begun) {
    // The script was not even sent.
    channel.abort(signal?.reason);
    await running.catch(() => {});
    signal?.throwIfAborted();
    throw late(vmid, timeout, "it had not begun");
  }
  const left = await end(ssh, vmid, id, options, running, () => channel.abort(signal?.reason));
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
  { clock, sudo = false, signal }: Pick<RunOptions, "clock" | "sudo" | "signal">,
): Promise<void> {
  const what = `ending what was cut off in container ${vmid}`;
  const { code, stderr } = await within(
    { clock, ms: ENDING_MS, what, signal },
    (late) => enter(ssh, vmid, endSession(id), { sudo, signal: late }),
  );
  if (code === 0) return;
  throw new PxrunError("FAILED", `${what}: ${new TextDecoder().decode(stderr).trim()}`);
}

/**
 * Ends what runs under `id`; gives the reason when that did not work. The first channel stays
 * open meanwhile, since a script that can no longer print dies before it can clean up. Only
 * where it may be what keeps the second one from opening it is released early.
 */
async function end(
  ssh: SshTransport,
  vmid: number,
  id: string,
  options: RunOptions,
  running: Promise<unknown>,
  release: () => void,
): Promise<string | undefined> {
  const { clock, sudo = false } = options;
  const begun = Promise.withResolvers<void>();
  const patience = new AbortController();
  const ending = enter(ssh, vmid, endSession(id), {
    sudo,
    signal: patience.signal,
    onStdout: () => begun.resolve(),
  }).then(
    ({ code, stderr }) => code === 0 ? undefined : new TextDecoder().decode(stderr).trim(),
    messageOf,
  );
  if (!await settles(Promise.race([begun.promise, ending]), CHANNEL_MS, clock)) release();
  if (!await settles(ending, ENDING_MS, clock)) {
    patience.abort(new Error(`no answer within ${ENDING_MS / 1000} s`));
  }
  const left = await ending;
  await settles(running, DRAIN_MS, clock);
  release();
  return left;
}

/** Whether a promise is fulfilled or rejected before the time is over or the signal aborted. */
async function settles(
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
