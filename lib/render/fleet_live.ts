import type { FleetEvent } from "../lifecycle/fleet.ts";
import { outcomeLine, outcomeOf, prefixed } from "./fleet.ts";
import { heartbeat } from "./heartbeat.ts";
import type { Live, LiveOptions } from "./live.ts";
import { duration } from "./units.ts";

/**
 * Progress of several containers: a line that stays for each that is finished, and on a
 * terminal, below these, one for each that is under way, which are written over.
 */
export function fleetLive(options: LiveOptions): Omit<Live, "show"> & {
  show(event: FleetEvent): void;
} {
  const { write, style } = options;
  const running = new Map<string, { readonly title: string; readonly since: number }>();
  let drawn = 0;
  const pulse = heartbeat(options.now);

  const clear = (): void => {
    if (drawn > 0) write(`\x1b[${drawn}A\r\x1b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (!options.live) return;
    clear();
    const columns = options.columns();
    // What has left the screen cannot be written over; the cursor takes a row, too.
    const room = Math.max(1, options.rows() - 1);
    const fits = running.size > room ? room - 1 : running.size;
    for (const [name, { title, since }] of [...running].slice(0, fits)) {
      const time = duration(options.now() - since);
      const text = `  ${name}  ${title}`;
      const width = columns - time.length - 3;
      // A line that wraps could not be counted.
      const shown = text.length > width ? `${text.slice(0, width - 1)}…` : text;
      write(`${shown}  ${style.dim(time)}\n`);
    }
    const more = running.size - fits;
    if (more > 0) write(`${style.dim(`  and ${more} more`)}\n`);
    drawn = fits + (more > 0 ? 1 : 0);
  };
  const beat = (): void => {
    if (running.size === 0 || !pulse.due()) return;
    for (const [name, { title, since }] of running) {
      write(`… ${name}  ${title} ${style.dim(duration(options.now() - since))}\n`);
    }
  };

  return {
    show(event) {
      const { container } = event;
      const outcome = outcomeOf(event);
      const failed = event.type === "step-failed" && event.ignored;
      const note = event.type === "warning" || failed
        ? `${style.yellow("!")} ${container}: ${event.message}\n`
        : event.type === "output" && options.verbose
        ? prefixed(container, event.text, style)
        : outcome !== undefined
        ? `${outcomeLine(outcome, style)}\n`
        : "";
      if (event.type === "step-started") {
        running.set(container, { title: event.title, since: event.at });
      }
      if (outcome !== undefined) running.delete(container);
      if (note !== "") {
        clear();
        write(note);
        pulse.spoke();
      }
      draw();
    },
    tick: options.live ? draw : beat,
    end: clear,
  };
}
