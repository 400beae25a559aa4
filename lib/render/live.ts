import type { Clock, Terminal } from "../core/platform.ts";
import { plainData } from "../core/plain.ts";
import type { BatchEvent } from "../run/batch.ts";
import type { Event } from "../run/event.ts";
import { endLine, prefixed } from "./batch.ts";
import { adviceText } from "./remedy.ts";
import type { Style } from "./style.ts";
import { duration } from "./units.ts";
import { shorten } from "./width.ts";

/** Options for the display of progress. */
export interface LiveOptions {
  readonly terminal: Pick<Terminal, "err" | "columns" | "rows">;
  readonly clock: Pick<Clock, "now">;
  readonly style: Style;
  /** True if the last lines can be written over. */
  readonly live: boolean;
  /** True if the output of commands is shown as it comes. */
  readonly verbose: boolean;
}

/** Shows events as they come. */
export interface Live {
  show(event: Event | BatchEvent): void;
  /**
   * Redraws the running steps and their times, or gives a sign of life from time to time where
   * nothing can be written over; called from a timer.
   */
  tick(): void;
  /** Leaves the lines that are being written over. */
  end(): void;
}

/** Silence after which the user may think that it hangs, in milliseconds. */
const SILENCE = 30_000;
/** Frames of the spinner, at each redraw another. */
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * Progress: of one container a line that stays for each finished step, of several one for each
 * container that is finished. In a pipe also one now and then for what takes long; on a terminal,
 * below these, one for each step that runs and one for all containers that wait, which are
 * written over.
 *
 * @param names All containers, as the events of a batch call them.
 */
export function live(options: LiveOptions, names: readonly string[] = []): Live {
  const { terminal, clock, style, verbose } = options;
  const waiting = new Set(names);
  let done = 0;
  let frame = 0;
  /** Running steps by their container; of a single one by no name. */
  const running = new Map<string, { readonly title: string; readonly since: number }>();
  let drawn = 0;
  let lastText = clock.now();

  const clear = (): void => {
    if (drawn > 0) terminal.err(`\x1b[${drawn}A\r\x1b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (!options.live) return;
    clear();
    const columns = terminal.columns();
    const lines = [...running].map(([name, { title, since }]) => {
      const time = duration(clock.now() - since);
      // A line that wraps could not be counted.
      const text = shorten(named(name, title), columns - time.length - 5);
      return `${FRAMES[frame % FRAMES.length]} ${text}  ${style.dim(time)}\n`;
    });
    frame++;
    const tail = names.length > 1 ? [`${style.dim(shorten(summary(), columns - 1))}\n`] : [];
    // What has left the screen cannot be written over; the cursor takes a row, too.
    const room = Math.max(1, terminal.rows() - 1 - tail.length);
    const fits = lines.length > room ? room - 1 : lines.length;
    const more = lines.length - fits;
    const others = more > 0 ? [`${style.dim(`  and ${more} more`)}\n`] : [];
    const all = [...lines.slice(0, fits), ...others, ...tail];
    if (all.length > 0) terminal.err(all.join(""));
    drawn = all.length;
  };
  const summary = (): string => {
    const rest = waiting.size === 0 ? "" : `, ${waiting.size} waiting: ${[...waiting].join(", ")}`;
    return `  ${done}/${names.length} done${rest}`;
  };
  const beat = (): void => {
    if (running.size === 0 || clock.now() - lastText < SILENCE) return;
    lastText = clock.now();
    for (const [name, { title, since }] of running) {
      terminal.err(`… ${named(name, title)} ${style.dim(duration(lastText - since))}\n`);
    }
  };

  return {
    show(given) {
      const event = plainData(given);
      const container = "container" in event ? event.container : "";
      const note = noteOf(event, style, verbose);
      const ends = "container" in event
        ? endLine(event, style) !== undefined
        : event.type === "step-done" || event.type === "step-failed";
      waiting.delete(container);
      if (event.type === "step-started") {
        running.set(container, { title: event.title, since: event.at });
      }
      if (ends) {
        running.delete(container);
        done++;
      }
      if (note !== "") {
        clear();
        terminal.err(note);
        lastText = clock.now();
      }
      draw();
    },
    tick: options.live ? draw : beat,
    end: clear,
  };
}

function named(name: string, title: string): string {
  return name === "" ? title : `${name}  ${title}`;
}

/** Lasting text of an event; empty if it has none. */
function noteOf(event: Event | BatchEvent, style: Style, verbose: boolean): string {
  const isOne = !("container" in event);
  if (event.type === "output") {
    if (!verbose) return "";
    return isOne ? event.text.replace(/\n?$/, "\n") : prefixed(event.container, event.text, style);
  }
  const line = isOne ? eventLine(event, style) : batchLine(event, style);
  return line === undefined ? "" : `${line}\n`;
}

/** An event about one of several containers as a line; undefined if it is none on its own. */
function batchLine(event: BatchEvent, style: Style): string | undefined {
  const { container } = event;
  if (event.type === "warning") {
    return `${style.yellow("!")} ${container}: ${warningText(event)}`;
  }
  if (event.type === "step-failed" && event.ignored) {
    return `${style.yellow("!")} ${container}: ${event.message}`;
  }
  return endLine(event, style);
}

/** An event as a line; undefined if it is none on its own. */
export function eventLine(event: Event, style: Style): string | undefined {
  switch (event.type) {
    case "step-done": {
      // A step that took time has done something, if only waited.
      const idle = !event.changed && event.ms === 0;
      const mark = idle ? style.dim("=") : style.green("✓");
      const detail = event.detail === undefined ? "" : ` ${style.bold(event.detail)}`;
      const time = idle ? "unchanged" : duration(event.ms);
      return `${mark} ${event.title}${detail} ${style.dim(time)}`;
    }
    case "step-failed": {
      const mark = event.ignored ? style.yellow("!") : style.red("✗");
      const note = event.ignored ? ` (continues anyway): ${event.message}` : "";
      return `${mark} ${event.title} ${style.dim(duration(event.ms))}${note}`;
    }
    case "warning":
      return `${style.yellow("!")} ${warningText(event)}`;
    case "destroyed":
      return `${style.bold(event.result.hostname ?? String(event.result.vmid))} destroyed`;
    default:
      return undefined;
  }
}

function warningText({ message, remedies }: Extract<Event, { type: "warning" }>): string {
  return adviceText({ hint: message, remedies }) ?? message;
}
