import { commandLine } from "../core/argv.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { within } from "../core/within.ts";
import type { Clock } from "../core/world.ts";
import { later } from "../ssh/client/later.ts";
import { afterMarkers, announce } from "../ssh/client/marker.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { entryCommand, entryFailure } from "./attach.ts";
import { enter, entryOf, triesPct } from "./enter.ts";
import { killScript } from "./kill_script.ts";

/** How to run a command in a container. */
export interface CommandOptions extends Omit<ExecOptions, "pty" | "onBegun"> {
  readonly clock: Clock;
  /** The SSH user is not root. */
  readonly sudo?: boolean;
}

/** A command that runs in a container. */
export interface GuestCommand {
  /**
   * How it ended, with all of its output.
   *
   * @throws {PxrunError} PERMISSION_DENIED or FAILED when the container could not be entered;
   * UNREACHABLE when the connection dropped: the command may still run then.
   */
  readonly ended: Promise<ExecResult>;
  /**
   * Sends a signal (`INT`, `TERM` …) to it and all that it has started. One that has not begun yet
   * does not begin any more: it ends with INTERRUPTED.
   */
  kill(signal: string): Promise<void>;
}

function notBegun(vmid: number, name: string): string {
  return `the command in ${vmid} was interrupted by ${name} before it began`;
}

/** How long a command that is given up may take to end by itself, and the node to enter for one. */
const GRACE = 5_000;
/** How long the word may be on its way that the node has come to the command. */
const ON_ITS_WAY = 1_000;

/**
 * Says on both streams that the container was entered, then runs the command with just the
 * environment that it was entered with, so without what shells add to it. It stays in between, so
 * that the command is found by this shell's arguments. What this shell says about a command that
 * was killed goes nowhere: some say it where the command's own words go, hence the second shell.
 * Some end themselves when INT ended the command, unless they have something else to do on INT.
 */
const WRAPPER = `${announce('"$0"')} || exit; exec 3>&2 2>/dev/null; trap : INT; ` +
  '(exec env -u _ -u PWD -u OLDPWD -u SHLVL -- "$@" 2>&3 3>&-); exit $?';

/**
 * Starts a command as root in a container, with the streams and the exit status of its own.
 * Its arguments are seen in process lists, its standard input is not. The signal of the
 * options ends the command too.
 */
export function startInGuest(
  ssh: SshTransport,
  vmid: number,
  argv: readonly string[],
  options: CommandOptions,
): GuestCommand {
  if (argv[0]?.includes("=")) {
    throw new PxrunError("USAGE", `the name of a command cannot hold "=": ${argv[0]}`, {
      hint: "run it by a shell: sh -c '…'",
    });
  }
  const { clock, sudo = false, signal } = options;
  const marker = `pxrun-exec-${crypto.randomUUID()}`;
  const words = commandLine(["sh", "-c", WRAPPER, marker, ...argv]);
  const channel = new AbortController();
  const begun = Promise.withResolvers<void>();
  let reached = false;
  let hasBegun = false;

  async function run(): Promise<ExecResult> {
    const entry = entryOf(ssh);
    const { onStdout, onStderr } = options;
    const streams = afterMarkers(marker, {
      onBegun() {
        hasBegun = true;
        begun.resolve();
      },
      ...(onStdout && { onStdout }),
      ...(onStderr && { onStderr }),
    });
    const attempt = new AbortController();
    const { code, signal } = await ssh.exec(entryCommand(vmid, entry, sudo, words), {
      // Nothing is taken from a source before there is a command to read it.
      stdin: later(begun.promise, attempt.signal, options.stdin),
      signal: channel.signal,
      onBegun: () => reached = true,
      onStdout: streams.onStdout,
      onStderr: streams.onStderr,
    }).finally(() => attempt.abort());
    if (streams.begun) return { code, signal, stdout: streams.stdout, stderr: streams.stderr };
    const said = streams.said();
    if (triesPct(ssh, entry, said)) return await run();
    throw entryFailure(vmid, signal ?? `${code}`, said);
  }

  async function kill(name: string, late?: AbortSignal): Promise<void> {
    if (!/^[A-Z][A-Z0-9]*$/.test(name)) {
      throw new PxrunError("USAGE", `${name} is not the name of a signal`, {
        hint: "write it like TERM, without SIG",
      });
    }
    if (!await isRunning()) {
      return channel.abort(new PxrunError("INTERRUPTED", notBegun(vmid, name)));
    }
    const script = killScript(marker, name);
    const { code, stderr } = await enter(ssh, vmid, script, { sudo, signal: late });
    if (code === 0) return;
    const said = new TextDecoder().decode(stderr).trim();
    throw new PxrunError("FAILED", `cannot send ${name} to the command in ${vmid}: ${said}`);
  }

  /** True if something is done within a number of milliseconds. */
  async function soon(done: Promise<unknown>, ms: number): Promise<boolean> {
    const waiting = new AbortController();
    const grace = clock.sleep(ms, waiting.signal).then(() => false, () => false);
    return await Promise.race([done.then(() => true), grace]).finally(() => waiting.abort());
  }

  /**
   * Whether it has begun; the word of that may be on its way. What has not begun cannot begin any
   * more once its channel is closed, since it has to say so first.
   */
  async function isRunning(): Promise<boolean> {
    if (!hasBegun) await soon(begun.promise, reached ? GRACE : ON_ITS_WAY);
    return hasBegun;
  }

  /** Ends the command, in the hard way if need be, and then the wait for it. */
  async function stop(): Promise<void> {
    if (!await isRunning()) return channel.abort(signal?.reason);
    const over = ended.catch(() => {});
    try {
      for (const name of ["TERM", "KILL"]) {
        await within({ clock, ms: GRACE, what: `sending ${name}` }, (late) => kill(name, late));
        if (await soon(over, GRACE)) return;
      }
      channel.abort(signal?.reason);
    } catch (error) {
      channel.abort(
        new PxrunError("FAILED", `the command in ${vmid} may still run: ${messageOf(error)}`, {
          hint: `pxrun exec ${vmid} -- ps aux shows what runs in it`,
        }),
      );
    }
  }

  const onAbort = (): void => void stop();
  const ended = (async () => {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const result = await run();
      signal?.throwIfAborted();
      return result;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      begun.resolve();
    }
  })();
  // Whoever waits for it sees its failure; until then it must not count as unhandled.
  ended.catch(() => {});
  return { ended, kill: (name) => kill(name) };
}
