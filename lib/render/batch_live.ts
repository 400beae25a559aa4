import type { BatchEvent } from "../run/batch.ts";
import { outcomeLine, outcomeOf, prefixed } from "./batch.ts";
import { heartbeat } from "./heartbeat.ts";
import { type Live, type LiveOptions, spinner } from "./live.ts";
import { duration } from "./units.ts";
import { shorten } from "./width.ts";

/**
 * Progress of several containers: a line that stays for each that is finished, and on a
 * terminal, below these, one for each that is under way and one for all that wait, which are
 * written over.
 *
 * @param names All containers, as events call them.
 */
export function batchLive(
  options: LiveOptions,
  names: readonly string[] = [],
): Omit<Live, "show"> & {
  show(event: BatchEvent): void;
} {
  const { write, style } = options;
  const waiting = new Set(names);
  let done = 0;
  let frame = 0;
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
    const lines = [...running].map(([name, { title, since }]) => {
      const time = duration(options.now() - since);
      // A line that wraps could not be counted.
      const text = shorten(`${name}  ${title}`, columns - time.length - 5);
      return `${spinner(frame)} ${text}  ${style.dim(time)}\n`;
    });
    frame++;
    const tail = names.length > 1 ? [`${style.dim(shorten(summary(), columns - 1))}\n`] : [];
    // What has left the screen cannot be written over; the cursor takes a row, too.
    const room = Math.max(1, options.rows() - 1 - tail.length);
    const fits = lines.length > room ? room - 1 : lines.length;
    const more = lines.length - fits;
    const others = more > 0 ? [`${style.dim(`  and ${more} more`)}\n`] : [];
    const all = [...lines.slice(0, fits), ...others, ...tail];
    write(all.join(""));
    drawn = all.length;
  };
  const summary = (): string => {
    const rest = waiting.size === 0 ? "" : `, ${waiting.size} waiting: ${[...waiting].join(", ")}`;
    return `  ${done}/${names.length} done${rest}`;
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
      waiting.delete(container);
      if (event.type === "step-started") {
        running.set(container, { title: event.title, since: event.at });
      }
      if (outcome !== undefined) {
        running.delete(container);
        done++;
      }
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
