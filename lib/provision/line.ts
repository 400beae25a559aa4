import { messageOf, PxrunError } from "../core/errors.ts";
import { poll } from "../core/poll.ts";
import type { Clock } from "../core/world.ts";
import { endInGuest, runInGuest, type RunOptions } from "../guest/run.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { type Shells, shellsAhead } from "./shells.ts";

/** How long to try to get through again after a connection was lost, in milliseconds. */
const PATIENCE = 60_000;
/** How often one script is begun anew: what ends every connection is no bad link. */
const MOST_LOSSES = 3;

/** What leads into a container. */
export interface LineOptions {
  /** The node that it runs on. */
  readonly ssh: SshTransport;
  readonly vmid: number;
  readonly clock: Clock;
  /** The SSH user is not root. */
  readonly sudo?: boolean;
  /** Ways in that were prepared already. */
  readonly shells?: Shells | undefined;
  /** Connects to the node again after the connection was lost. Absent: the loss is the end. */
  readonly reopen?: ((signal: AbortSignal | undefined) => Promise<SshTransport>) | undefined;
}

/** A script, and what it is where it may have been cut off before. */
export interface Script {
  readonly text: string;
  readonly again: string;
}

/** How to run it. */
export interface LineRun extends Pick<RunOptions, "timeout" | "signal" | "onStdout" | "onStderr"> {
  /** Told before another connection is tried, and where what was cut off may go on. */
  onWarning(message: string): void;
}

/** The way into a container for one script after another, over more than one connection if need be. */
export interface Line extends Disposable {
  /**
   * Runs a script. Where the connection is lost meanwhile, what runs in the container is ended over
   * another one and begun again.
   *
   * @throws {PxrunError} As {@linkcode runInGuest} does, and why it could not be begun again.
   */
  run(script: Script, options: LineRun): Promise<ExecResult>;
  /** Prepares the way in for so many of the next scripts, as far as there is room. */
  prepare(count: number): void;
}

/** Nothing is opened before there is something to run. Disposing leaves ways that were not needed. */
export function openLine({ vmid, clock, sudo = false, reopen, ...first }: LineOptions): Line {
  let { ssh } = first;
  let shells = first.shells ?? shellsAhead(ssh, vmid, sudo);

  async function recover(
    lost: PxrunError,
    id: string,
    { signal, onWarning }: Pick<LineRun, "signal" | "onWarning">,
    open: NonNullable<typeof reopen>,
  ): Promise<void> {
    onWarning(`${lost.message}; connecting again, to begin anew what that cut off`);
    let why: unknown;
    const tryAgain = async (): Promise<true | undefined> => {
      try {
        ssh = await open(signal);
        await endInGuest(ssh, vmid, id, { clock, sudo, signal });
        return true;
      } catch (error) {
        why = error;
        // What fell silent is given up after a while, too.
        if (isLost(error) || isLate(error)) return undefined;
        throw error;
      }
    };
    try {
      await poll(tryAgain, { clock, signal, what: "a connection", timeout: PATIENCE, first: 500 });
    } catch {
      if (signal?.aborted) {
        onWarning(
          `what was cut off may still run in container ${vmid}: ` +
            `pxrun exec ${vmid} -- ps aux shows what runs in it`,
        );
        throw signal.reason;
      }
      throw cannotGoOn(lost, why);
    }
    shells[Symbol.dispose]();
    shells = shellsAhead(ssh, vmid, sudo);
  }

  return {
    async run({ text, again }, { onWarning, ...options }) {
      for (let losses = 0;; losses++) {
        const id = crypto.randomUUID();
        const shell = shells.take();
        const script = losses === 0 ? text : again;
        try {
          return await runInGuest(ssh, vmid, script, { ...options, clock, sudo, shell, id });
        } catch (error) {
          if (!isLost(error) || reopen === undefined || losses === MOST_LOSSES) throw error;
          await recover(error, id, { signal: options.signal, onWarning }, reopen);
        }
      }
    },
    prepare: (count) => shells.prepare(count),
    [Symbol.dispose]: () => shells[Symbol.dispose](),
  };
}

/** Why a script is not begun anew: nobody got through in time, or what failed is no connection. */
function cannotGoOn(lost: PxrunError, why: unknown): PxrunError {
  // Nor is it the script that took too long.
  const { code, hint } = why instanceof PxrunError && !isLate(why) ? why : lost;
  const message = `${lost.message}; going on did not work: ${messageOf(why)}`;
  return new PxrunError(code, message, { cause: why, hint });
}

function isLost(error: unknown): error is PxrunError {
  return error instanceof PxrunError && error.code === "UNREACHABLE";
}

function isLate(error: unknown): boolean {
  return error instanceof PxrunError && error.code === "TIMEOUT";
}
