import { plainData } from "../../core/plain.ts";
import type { Event } from "../../run/event.ts";
import type { BatchEvent } from "../../run/batch.ts";
import { live, type LiveOptions } from "../../render/live.ts";
import { timings } from "../../render/timings.ts";
import { errStyle } from "./colors.ts";
import type { Context } from "./context.ts";

/** How often the time of the running step is redrawn, in milliseconds. */
const REDRAW = 100;
/** How often it is asked whether a sign of life is due where nothing is redrawn. */
const LISTEN = 2_000;

/** Passes events on and shows them on the way: on standard error, or each as a line of JSON. */
export async function* showProgress(
  events: AsyncIterable<Event>,
  context: Context,
): AsyncGenerator<Event, void> {
  if (context.events) {
    yield* printEvents(events, context);
    return;
  }
  yield* timed(drawEvery(events, context, live), context);
}

/** Passes events on, and shows at the end how long each step took, where that is asked for. */
export async function* timed<T extends Event | BatchEvent>(
  events: AsyncIterable<T>,
  context: Context,
): AsyncGenerator<T, void> {
  const spans = timings();
  try {
    for await (const event of events) {
      spans.add(plainData(event));
      yield event;
    }
  } finally {
    const { terminal } = context.world;
    if (context.timings) terminal.err(spans.text(errStyle(context), terminal.columns()));
  }
}

/** A view of events of some kind. */
interface View<T> {
  show(event: T): void;
  tick(): void;
  end(): void;
}

/** Passes events on and shows them on standard error, again and again while time passes. */
export async function* drawEvery<T>(
  events: AsyncIterable<T>,
  context: Context,
  makeView: (options: LiveOptions) => View<T>,
): AsyncGenerator<T, void> {
  const { terminal, clock, env } = context.world;
  const isLive = terminal.stderrIsTerminal && env["TERM"] !== "dumb";
  const view = makeView({
    write: (text) => terminal.err(text),
    style: errStyle(context),
    live: isLive,
    verbose: context.verbose,
    columns: () => terminal.columns(),
    rows: () => terminal.rows(),
    now: () => clock.now(),
  });
  const timer = setInterval(() => view.tick(), isLive ? REDRAW : LISTEN);
  try {
    for await (const event of events) {
      view.show(plainData(event));
      yield event;
    }
  } finally {
    clearInterval(timer);
    view.end();
  }
}

/** For programs: nothing but these lines is on standard output then. */
async function* printEvents(
  events: AsyncIterable<Event>,
  { world }: Context,
): AsyncGenerator<Event, void> {
  for await (const event of events) {
    world.terminal.out(`${JSON.stringify(event)}\n`);
    yield event;
  }
}
