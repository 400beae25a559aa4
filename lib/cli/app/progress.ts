import { plainData } from "../../core/plain.ts";
import type { BatchEvent } from "../../run/batch.ts";
import type { Event } from "../../run/event.ts";
import { errorData } from "../../render/error.ts";
import { live } from "../../render/live.ts";
import { timings } from "../../render/timings.ts";
import { errStyle } from "./colors.ts";
import type { Context } from "./context.ts";

/** Interval at which the time of the running step is redrawn, in milliseconds. */
const REDRAW = 100;
/** Interval at which a sign of life may be due where nothing is redrawn. */
const LISTEN = 2_000;

/**
 * Passes events on and shows them on the way: on standard error, and at the end how long each step
 * took where that is asked for; or each as a line of JSON, and nothing else.
 *
 * @param names All containers, as the events of a batch call them.
 */
export async function* showProgress<E extends Event | BatchEvent>(
  events: AsyncIterable<E>,
  context: Context,
  names: readonly string[] = [],
): AsyncGenerator<E, void> {
  const { terminal, clock, env } = context.platform;
  if (context.events) {
    for await (const event of events) {
      printEvent(event, context);
      yield event;
    }
    return;
  }
  const isLive = terminal.stderrIsTerminal && env["TERM"] !== "dumb";
  const view = live({
    terminal,
    clock,
    style: errStyle(context),
    live: isLive,
    verbose: context.verbose,
  }, names);
  const spans = timings();
  const timer = setInterval(() => view.tick(), isLive ? REDRAW : LISTEN);
  try {
    for await (const event of events) {
      view.show(event);
      spans.add(plainData(event));
      yield event;
    }
  } finally {
    clearInterval(timer);
    view.end();
    if (context.timings) terminal.err(spans.text(errStyle(context), terminal.columns()));
  }
}

/** Prints an event as a line of JSON, with the error in it as data. */
export function printEvent(
  event: { readonly type: string; readonly error?: unknown },
  { platform }: Context,
): void {
  const data = event.error === undefined ? event : { ...event, ...errorData(event.error) };
  platform.terminal.out(`${JSON.stringify(data)}\n`);
}
