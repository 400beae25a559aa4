import { limits } from "../core/limits.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { poll } from "../core/poll.ts";
import type { Clock } from "../core/platform.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { type Access, enterAhead, type WaitingShell } from "./enter.ts";
import { endInGuest, runInGuest, type RunOptions } from "./session.ts";

/** Shells in one container, each prepared while something before it still goes on. */
export interface Shells extends Disposable {
  /** Prepares shells for this number of the next scripts, as far as there is room. */
  prepare(count: number): void;
  /** A shell that waits for a script, if there is one. */
  take(): WaitingShell | undefined;
}

/** No shell yet. Disposing leaves those that were not needed. */
export function shellsAhead(ssh: SshTransport, vmid: number, access: Access): Shells {
  let waiting: WaitingShell[] = [];
  return {
    prepare(count) {
      waiting = waiting.filter(({ usable }) => usable);
      while (waiting.length < count && ssh.roomy) waiting.push(enterAhead(ssh, vmid, access));
    },
    take: () => waiting.shift(),
    [Symbol.dispose]: () => waiting.forEach((shell) => shell.leave()),
  };
}

/** The container of a session, and how to reach it. */
export interface SessionOptions extends Access {
  /** The node that it runs on. */
  readonly ssh: SshTransport;
  readonly vmid: number;
  readonly clock: Clock;
  /** Shells that were prepared already. */
  readonly shells?: Shells | undefined;
  /** Connects to the node again after the connection was lost. Absent: the loss is the end. */
  readonly reopen?: ((signal: AbortSignal | undefined) => Promise<SshTransport>) | undefined;
}

/** A script, and what it is where it may have been cut off before. */
export interface Script {
  readonly text: string;
  readonly again: string;
}

/** Options for running it. */
export interface ScriptOptions
  extends Pick<RunOptions, "timeout" | "signal" | "onStdout" | "onStderr"> {
  /** Called before another connection is tried, and where what was cut off may still run. */
  onWarning(message: string): void;
}

/** A session in a container for one script after another, over several connections if need be. */
export interface GuestSession extends Disposable {
  /**
   * Runs a script. Where the connection is lost meanwhile, what runs in the container is ended over
   * another one and started over.
   *
   * @throws {PxrunError} As {@linkcode runInGuest} does, and why it could not be started over.
   */
  run(script: Script, options: ScriptOptions): Promise<ExecResult>;
  /** Prepares shells for this number of the next scripts, as far as there is room. */
  prepare(count: number): void;
}

/** Nothing is opened before there is something to run. Disposing leaves shells that were not needed. */
export function guestSession(
  { vmid, clock, sudo = false, same, reopen, ...first }: SessionOptions,
): GuestSession {
  let { ssh } = first;
  const access = { sudo, same };
  let shells = first.shells ?? shellsAhead(ssh, vmid, access);

  async function recover(
    lost: PxrunError,
    id: string,
    { signal, onWarning }: Pick<ScriptOptions, "signal" | "onWarning">,
    open: NonNullable<typeof reopen>,
  ): Promise<void> {
    onWarning(`${lost.message}; connecting again, to start over what that cut off`);
    let why: unknown;
    const tryAgain = async (): Promise<true | undefined> => {
      try {
        ssh = await open(signal);
        await endInGuest(ssh, vmid, id, { ...access, clock, signal });
        return true;
      } catch (error) {
        why = error;
        // What fell silent is given up after a while, too.
        if (isLost(error) || isLate(error)) return undefined;
        throw error;
      }
    };
    try {
      await poll(tryAgain, {
        clock,
        signal,
        what: "a connection",
        timeout: limits.guest.reopen,
        first: 500,
      });
    } catch {
      if (signal?.aborted) {
        onWarning(
          `what was cut off may still run in container ${vmid}: see what runs in it (ps aux)`,
        );
        throw signal.reason;
      }
      throw cannotContinue(lost, why);
    }
    shells[Symbol.dispose]();
    shells = shellsAhead(ssh, vmid, access);
  }

  return {
    async run({ text, again }, { onWarning, ...options }) {
      for (let losses = 0;; losses++) {
        const id = crypto.randomUUID();
        const shell = shells.take();
        const script = losses === 0 ? text : again;
        try {
          return await runInGuest(ssh, vmid, script, { ...options, ...access, clock, shell, id });
        } catch (error) {
          if (!isLost(error) || reopen === undefined || losses === limits.guest.losses) throw error;
          await recover(error, id, { signal: options.signal, onWarning }, reopen);
        }
      }
    },
    prepare: (count) => shells.prepare(count),
    [Symbol.dispose]: () => shells[Symbol.dispose](),
  };
}

/** Why a script is not started over: nothing got through in time, or what failed is no connection. */
function cannotContinue(lost: PxrunError, why: unknown): PxrunError {
  // Nor is it the script that took too long.
  const { code, hint } = why instanceof PxrunError && !isLate(why) ? why : lost;
  const message = `${lost.message}; continuing did not work: ${messageOf(why)}`;
  return new PxrunError(code, message, { cause: why, hint });
}

function isLost(error: unknown): error is PxrunError {
  return error instanceof PxrunError && error.code === "UNREACHABLE";
}

function isLate(error: unknown): boolean {
  return error instanceof PxrunError && error.code === "TIMEOUT";
}
