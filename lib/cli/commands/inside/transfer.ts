import { plainLine } from "../../../core/plain.ts";
import { transferLine, transferredText } from "../../../render/transfer.ts";
import { shorten } from "../../../render/width.ts";
import type { Context } from "../../app/context.ts";

/** Interval at which the bar is redrawn, in milliseconds. */
const REDRAW = 100;
/** A transfer that takes no longer than this needs no bar, in milliseconds. */
const SHORT = 1_000;

/** Progress of a transfer. */
export interface Meter {
  /** Adds a number of bytes. */
  count(bytes: number): void;
  /** Takes the size of the whole, as soon as that is known. */
  expect(total: number | undefined): void;
  /** Writes something else on standard error. */
  note(text: string): void;
  /** Ends it: all has arrived. */
  end(target: string): void;
  [Symbol.dispose](): void;
}

/**
 * A bar on a terminal for a transfer that takes long, and one line at its end. Nothing for
 * programs, nor where the content itself goes to the terminal.
 */
export function meter(
  { platform: { terminal, clock, env }, format, events }: Pick<
    Context,
    "platform" | "format" | "events"
  >,
  { contentToStdout = false }: { readonly contentToStdout?: boolean } = {},
): Meter {
  const shows = terminal.stderrIsTerminal && format === "table" && !events &&
    !(contentToStdout && terminal.stdoutIsTerminal);
  const since = clock.now();
  let bytes = 0;
  let total: number | undefined;
  let drawn = false;
  const clear = (): void => {
    if (drawn) terminal.err("\r\x1b[K");
    drawn = false;
  };
  const draw = (): void => {
    const ms = clock.now() - since;
    if (ms < SHORT || bytes === 0) return;
    clear();
    const columns = terminal.columns();
    terminal.err(shorten(transferLine({ bytes, total, ms }, columns), columns - 1));
    drawn = true;
  };
  const timer = shows && env["TERM"] !== "dumb" ? setInterval(draw, REDRAW) : undefined;
  return {
    count: (more) => void (bytes += more),
    expect: (all) => void (total = all),
    note(text) {
      clear();
      terminal.err(text);
    },
    end(target) {
      clear();
      const ms = clock.now() - since;
      if (shows) terminal.err(`${transferredText({ bytes, ms }, plainLine(target))}\n`);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      clear();
    },
  };
}
