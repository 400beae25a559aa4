import type { Event } from "../run/event.ts";
import { eventLine } from "./event.ts";
import { heartbeat } from "./heartbeat.ts";
import type { Style } from "./style.ts";
import { duration } from "./units.ts";
import { shorten } from "./width.ts";

/** Where progress is written. */
export interface LiveOptions {
  readonly write: (text: string) => void;
  readonly style: Style;
  /** Whether the last line can be written over. */
  readonly live: boolean;
  /** Whether the output of commands is shown as it comes. */
  readonly verbose: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly now: () => number;
}

/** Shows events as they come. */
export interface Live {
  show(event: Event): void;
  /**
   * Redraws the time of the running step, or gives a sign of life from time to time where
   * nothing can be written over; called from a timer.
   */
  tick(): void;
  /** Leaves the line that is being written over. */
  end(): void;
}

/** What shows that something is going on, at each redraw another. */
export function spinner(frame: number): string {
  return frames[frame % frames.length] ?? "";
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * Progress: in a pipe one line for each finished step, and one now and then for a step that
 * takes long; on a terminal also a line for the running one, which is written over until it is
 * done.
 */
export function live(options: LiveOptions): Live {
  const { write, style } = options;
  let running: { readonly title: string; readonly since: number } | undefined;
  let drawn = false;
  let frame = 0;
  const pulse = heartbeat(options.now);

  const clear = (): void => {
    if (drawn) write("\r\x1b[K");
    drawn = false;
  };
  const draw = (): void => {
    if (!options.live || running === undefined) return;
    clear();
    const time = duration(options.now() - running.since);
    const room = options.columns() - time.length - 5;
    write(`${spinner(frame++)} ${shorten(running.title, room)} ${style.dim(time)}`);
    drawn = true;
  };
  const beat = (): void => {
    if (running === undefined || !pulse.due()) return;
    write(`… ${running.title} ${style.dim(duration(options.now() - running.since))}\n`);
  };
  return {
    show(event) {
      clear();
      if (event.type === "step-started") running = { title: event.title, since: event.at };
      if (event.type === "step-done" || event.type === "step-failed") running = undefined;
      if (event.type === "output" && options.verbose) {
        write(event.text.endsWith("\n") ? event.text : `${event.text}\n`);
        pulse.spoke();
      }
      const line = eventLine(event, style);
      if (line !== undefined) {
        write(`${line}\n`);
        pulse.spoke();
      }
      draw();
    },
    tick: options.live ? draw : beat,
    end: () => {
      clear();
      running = undefined;
    },
  };
}
