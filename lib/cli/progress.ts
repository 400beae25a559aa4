import type { Event } from "../lifecycle/event.ts";
import { live } from "../render/live.ts";
import { errStyle } from "./output.ts";
import type { Context } from "./context.ts";

/** How often the time of the running step is redrawn, in milliseconds. */
const REDRAW = 100;

/** Passes events on and shows them on standard error on the way. */
export async function* showProgress(
  events: AsyncIterable<Event>,
  context: Context,
): AsyncGenerator<Event, void> {
  const { terminal, clock, env } = context.world;
  const isLive = terminal.stderrIsTerminal && env["TERM"] !== "dumb";
  const view = live({
    write: (text) => terminal.err(text),
    style: errStyle(context),
    live: isLive,
    verbose: context.verbose,
    columns: () => terminal.columns(),
    now: () => clock.now(),
  });
  const timer = isLive ? setInterval(() => view.tick(), REDRAW) : undefined;
  try {
    for await (const event of events) {
      view.show(event);
      yield event;
    }
  } finally {
    clearInterval(timer);
    view.end();
  }
}
