import type { Event } from "../run/event.ts";
import type { Style } from "./style.ts";
import { duration } from "./units.ts";

/** How one event reads as a line, or undefined where it says nothing on its own. */
export function eventLine(event: Event, style: Style): string | undefined {
  switch (event.type) {
    case "step-started":
      return undefined;
    case "step-done": {
      // A step that took time has done something, if only waited.
      const idle = !event.changed && event.ms === 0;
      const mark = idle ? style.dim("=") : style.green("✓");
      const detail = event.detail === undefined ? "" : ` ${style.bold(event.detail)}`;
      if (idle) return `${mark} ${event.title}${detail} ${style.dim("unchanged")}`;
      return `${mark} ${event.title}${detail} ${style.dim(duration(event.ms))}`;
    }
    case "step-failed": {
      const mark = event.ignored ? style.yellow("!") : style.red("✗");
      const note = event.ignored ? ` (goes on all the same): ${event.message}` : "";
      return `${mark} ${event.title} ${style.dim(duration(event.ms))}${note}`;
    }
    case "warning":
      return `${style.yellow("!")} ${event.message}`;
    case "output":
    case "created":
    case "provisioned":
    case "destroyed":
    case "ended":
      return undefined;
  }
}
