import { Cancelled, Interrupted, PxrunError } from "../../core/errors.ts";
import type { ContextChoice } from "../../config/open_context.ts";
import type { Platform } from "../../core/platform.ts";

/** Formats of results. */
export const formats = ["table", "json", "yaml"] as const;
export type Format = typeof formats[number];

/** Runs a command line and gives its exit code. */
export type RunCli = (args: readonly string[], platform: Platform) => Promise<number>;

/** Input of every command besides its own flags. */
export interface Context {
  readonly platform: Platform;
  /** The whole command line behind the program's name, as it was typed. */
  readonly args: readonly string[];
  readonly format: Format;
  readonly verbose: boolean;
  readonly debug: boolean;
  /** Each event as a line of JSON on standard output, instead of progress and result. */
  readonly events: boolean;
  /** Report of the time of each step, at the end. */
  readonly timings: boolean;
  /** `--config` and `--context`. */
  readonly choice: ContextChoice;
  /** Together with PROXMOX_VERIFY_SSL=false: no certificate is checked. */
  readonly insecure: boolean;
  /** True if a login by SSH alone may make a token. */
  readonly tempToken: boolean;
  /** For the commands that run other command lines. */
  readonly runCli: RunCli;
}

/** Collects the values of a repeatable option. */
export function collect(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}

/** Reads the value of an option that is a number of containers. */
export function readCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,4}$/.test(text) && count > 0) return count;
  throw new PxrunError("USAGE", `${JSON.stringify(text)} is not a number of containers`, {
    hint: "a whole number from 1 to 9999",
  });
}

/**
 * Runs something long that a signal may end: the first one aborts, so that the run can clean up
 * after itself.
 *
 * @param what The work, as a noun phrase: "the create of web-1".
 * @param canLeave True if a second signal ends the cleaning, too, by aborting `leave`; the run
 * then reports what remains.
 */
export async function interruptible<T>(
  { terminal, onInterrupt }: Pick<Platform, "terminal" | "onInterrupt">,
  what: string,
  run: (signal: AbortSignal, leave: AbortSignal) => Promise<T>,
  canLeave = false,
): Promise<T> {
  const leaving = new AbortController();
  return await whileListening({ onInterrupt }, (name, stopping) => {
    if (!stopping.signal.aborted) {
      stopping.abort(new Interrupted(what));
      terminal.err(`\n${name}: stopping\n`);
    } else if (!canLeave) terminal.err("still cleaning up\n");
    else if (!leaving.signal.aborted) {
      terminal.err(`\n${name}: leaving without cleaning up\n`);
      leaving.abort(new Interrupted(what));
    }
  }, (signal) => run(signal, leaving.signal));
}

/**
 * Runs something with a signal of its own, and handles interrupts of the process meanwhile.
 *
 * @param heard Handles an interrupt; it can abort the signal.
 */
export async function whileListening<T>(
  { onInterrupt }: Pick<Platform, "onInterrupt">,
  heard: (name: string, controller: AbortController) => void,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = onInterrupt((name) => heard(name, controller));
  try {
    return await run(controller.signal);
  } finally {
    stop();
  }
}

/**
 * As {@linkcode confirmed}, for what is not done without a yes.
 *
 * @throws {Cancelled} After a no.
 */
export async function confirmOrCancel(...asked: Parameters<typeof confirmed>): Promise<void> {
  if (!await confirmed(...asked)) throw new Cancelled();
}

/** Asks for a yes; without a terminal that is a usage error that names the flag. */
export async function confirmed(
  platform: Platform,
  question: string,
  what: string,
  initial: boolean,
  signal?: AbortSignal,
  back = false,
): Promise<boolean> {
  if (!platform.terminal.interactive) {
    throw new PxrunError("USAGE", `cannot ask whether to ${what}: this is not a terminal`, {
      hint: "add --yes to go ahead without being asked",
    });
  }
  const { confirm } = await import("../prompts/prompts.ts");
  return await confirm(platform, question, initial, { signal, back });
}
