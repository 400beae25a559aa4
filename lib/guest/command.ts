import { limits } from "../core/limits.ts";
import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import type { Clock } from "../core/platform.ts";
import { later } from "../ssh/client/stdin.ts";
import { announce } from "../ssh/client/marker.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { type Access, enter, feedShell } from "./enter.ts";
import { endCommand, endRunning, settles, signalCommand, toEnd } from "./session.ts";

/** Options for running a command in a container. */
export interface CommandOptions extends Access, Omit<ExecOptions, "pty" | "onBegun"> {
  readonly clock: Clock;
}

/**
 * A command that runs in a container.
 *
 * @category Containers
 */
export interface GuestCommand {
  /**
   * Result, with all of its output.
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
 * options ends the command too: TERM, and KILL after some seconds.
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
  const { clock, sudo, same, signal, stdin, ...streams } = options;
  const id = `pxrun-exec-${crypto.randomUUID()}`;
  const words = commandLine(["sh", "-c", WRAPPER, id, ...argv]);
  const channel = new AbortController();
  const entered = Promise.withResolvers<void>();
  let reached = false;
  let hasBegun = false;

  const run = (): Promise<ExecResult> =>
    enter(ssh, vmid, {
      id,
      words,
      // Nothing is taken from a source before there is a command to read it.
      stdin: (begun, over) => later(begun, over, stdin),
    }, {
      ...streams,
      sudo,
      same,
      signal: channel.signal,
      onBegun: () => reached = true,
      onEntered() {
        hasBegun = true;
        entered.resolve();
      },
    });

  /**
   * True if it has begun; the word of that may be on its way. What has not begun cannot begin any
   * more once its channel is closed, since it has to say so first.
   */
  async function isRunning(): Promise<boolean> {
    const patience = reached ? limits.guest.entering : limits.guest.onItsWay;
    if (!hasBegun) await settles(entered.promise, patience, clock);
    return hasBegun;
  }

  async function kill(name: string): Promise<void> {
    if (!/^[A-Z][A-Z0-9]*$/.test(name)) {
      throw new PxrunError("USAGE", `${name} is not the name of a signal`, {
        hint: "write it like TERM, without SIG",
      });
    }
    if (!await isRunning()) {
      return channel.abort(new PxrunError("INTERRUPTED", notBegun(vmid, name)));
    }
    const { code, stderr } = await feedShell(
      ssh,
      vmid,
      signalCommand(id, name),
      toEnd({ sudo, same }),
    );
    if (code === 0) return;
    const said = new TextDecoder().decode(stderr).trim();
    throw new PxrunError("FAILED", `cannot send ${name} to the command in ${vmid}: ${said}`);
  }

  /** Ends the command, and then the wait for it; gives the reason when that did not work. */
  async function stop(running: Promise<unknown>): Promise<string | undefined> {
    const release = (): void => channel.abort(signal?.reason);
    if (!await isRunning()) return void release();
    return await endRunning(ssh, vmid, endCommand(id), { clock, sudo, same }, running, release);
  }

  const ended = (async () => {
    signal?.throwIfAborted();
    const running = run().finally(() => entered.resolve());
    let stopping: Promise<string | undefined> | undefined;
    const onAbort = (): void => void (stopping = stop(running));
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const result = await running;
      signal?.throwIfAborted();
      return result;
    } catch (error) {
      const left = await stopping;
      if (left === undefined || error !== signal?.reason) throw error;
      throw new PxrunError("FAILED", `the command in ${vmid} may still run: ${left}`, {
        hint: "see what runs in it",
        remedies: [{ kind: "exec", container: vmid, argv: ["ps", "aux"] }],
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  })();
  // Its failure is the caller's; until someone waits it must not count as unhandled.
  ended.catch(() => {});
  return { ended, kill };
}
