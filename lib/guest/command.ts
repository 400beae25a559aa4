import { commandLine } from "../core/argv.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { untilAborted } from "../core/until_aborted.ts";
import { within } from "../core/within.ts";
import type { Clock } from "../core/world.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/transport.ts";
import { entryCommand } from "./attach.ts";
import { concat, enter, entryOf, notEntered, triesPct } from "./enter.ts";
import { killScript } from "./kill_script.ts";
import { later } from "./later.ts";
import { afterMarker } from "./marker.ts";

/** How to run a command in a container. */
export interface CommandOptions extends Omit<ExecOptions, "pty"> {
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
  /** Sends a signal (`INT`, `TERM` …) to it and all that it has started. */
  kill(signal: string): Promise<void>;
}

/** How long a command that is given up may take to end by itself. */
const GRACE = 5_000;

/**
 * Says on standard error that the container was entered, then runs the command with just the
 * environment that it was entered with, so without what shells add to it. It stays in between, so
 * that the command is found by this shell's arguments. What this shell says about a command that
 * was killed goes nowhere: some say it where the command's own words go, hence the second shell.
 * Some end themselves when INT ended the command, unless they have something else to do on INT.
 */
const WRAPPER = 'echo "$0" >&2; exec 3>&2 2>/dev/null; trap : INT; ' +
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

  async function run(): Promise<ExecResult> {
    const entry = entryOf(ssh);
    const kept: Uint8Array[] = [];
    const { onStdout, onStderr = (chunk: Uint8Array) => void kept.push(chunk) } = options;
    const stderr = afterMarker(marker, { begun: begun.resolve, pass: onStderr });
    const attempt = new AbortController();
    const { code, signal, stdout } = await ssh.exec(entryCommand(vmid, entry, sudo, words), {
      // Nothing is taken from a source before there is a command to read it.
      stdin: later(begun.promise, attempt.signal, options.stdin),
      signal: channel.signal,
      ...(onStdout && { onStdout }),
      onStderr: stderr.take,
    }).finally(() => attempt.abort());
    if (stderr.found) return { code, signal, stdout, stderr: concat(kept) };
    const said = stderr.before();
    if (triesPct(ssh, entry, said)) return await run();
    throw notEntered(vmid, { code, signal }, said);
  }

  async function kill(name: string, late?: AbortSignal): Promise<void> {
    if (!/^[A-Z][A-Z0-9]*$/.test(name)) {
      throw new PxrunError("USAGE", `${name} is not the name of a signal`, {
        hint: "write it like TERM, without SIG",
      });
    }
    await untilAborted(Promise.race([begun.promise, ended.catch(() => {})]), late);
    const script = killScript(marker, name);
    const { code, stderr } = await enter(ssh, vmid, script, { sudo, signal: late });
    if (code === 0) return;
    const said = new TextDecoder().decode(stderr).trim();
    throw new PxrunError("FAILED", `cannot send ${name} to the command in ${vmid}: ${said}`);
  }

  /** Ends the command, in the hard way if need be, and then the wait for it. */
  async function stop(): Promise<void> {
    const over = ended.then(() => true, () => true);
    try {
      for (const name of ["TERM", "KILL"]) {
        await within({ clock, ms: GRACE, what: `sending ${name}` }, (late) => kill(name, late));
        const waiting = new AbortController();
        const grace = clock.sleep(GRACE, waiting.signal).then(() => false, () => false);
        const gone = await Promise.race([over, grace]);
        waiting.abort();
        if (gone) return;
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
