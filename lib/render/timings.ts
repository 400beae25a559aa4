import type { Event } from "../run/event.ts";
import type { BatchEvent } from "../run/batch.ts";
import type { Style } from "./style.ts";
import { duration } from "./units.ts";
import { shorten, width as textWidth } from "./width.ts";

/** One step on the clock; times in milliseconds. */
interface Span {
  readonly title: string;
  readonly from: number;
  readonly ms: number;
}

/** The steps that took place in a run, for a waterfall. */
export interface Timings {
  add(event: Event | BatchEvent): void;
  /** A line for each step: its title, its time, and a bar from its beginning to its end. */
  text(style: Style, columns: number): string;
}

/** A column for the title is no wider than this, or half the line: a hostname may come first. */
const TITLE = 32;
/** A bar shorter than this says nothing. */
const LEAST = 10;

/** Collects the steps of a run: of several containers those of one after those of another. */
export function timings(): Timings {
  const spans: (Span & { readonly container: string })[] = [];
  return {
    add(event) {
      if (event.type !== "step-done" && event.type !== "step-failed") return;
      const container = "container" in event ? `${event.container}: ` : "";
      const { title, at, ms } = event;
      spans.push({ container, title: container + title, from: at - ms, ms });
    },
    text(style, columns) {
      const byContainer = Map.groupBy(spans, ({ container }) => container);
      return waterfall([...byContainer.values()].flat(), style, columns);
    },
  };
}

function waterfall(spans: readonly Span[], style: Style, columns: number): string {
  if (spans.length === 0) return "";
  const begin = Math.min(...spans.map(({ from }) => from));
  const total = Math.max(...spans.map(({ from, ms }) => from + ms)) - begin;
  const titles = Math.min(
    Math.max(TITLE, Math.floor(columns / 2)),
    Math.max("total".length, ...spans.map(({ title }) => textWidth(title))),
  );
  const times = Math.max(...[...spans.map(({ ms }) => ms), total].map((ms) => duration(ms).length));
  const width = Math.max(LEAST, columns - titles - times - 4);
  const cell = (ms: number): number => total === 0 ? 0 : Math.round(ms / total * width);
  const line = (title: string, ms: number, bar: string): string => {
    const name = shorten(title, titles);
    return `${name}${" ".repeat(titles - textWidth(name))}  ${
      duration(ms).padStart(times)
    }  ${bar}\n`;
  };
  const steps = spans.map(({ title, from, ms }) => {
    const start = Math.min(cell(from - begin), width - 1);
    // Also the shortest step has been there.
    const bar = "▇".repeat(Math.max(1, Math.min(cell(ms), width - start)));
    return line(title, ms, " ".repeat(start) + style.green(bar));
  });
  return [...steps, line("total", total, "").replace(/ +\n$/, "\n")].join("");
}
