import type { ExecEvent } from "../lifecycle/exec_all.ts";
import type { FleetEvent } from "../lifecycle/fleet.ts";
import { outcomeLine } from "./fleet.ts";
import type { Style } from "./style.ts";

/** What is said about a command that ended otherwise than well; nothing else is. */
export function endingText(event: FleetEvent<ExecEvent>, style: Style): string {
  const { container, type } = event;
  if (type === "failed") return `${outcomeLine({ container, failed: event.error }, style)}\n`;
  if (type === "skipped") return `${outcomeLine({ container, skipped: true }, style)}\n`;
  if (type === "line" || event.code === 0) return "";
  const how = event.signal === undefined ? `exited ${event.code}` : `ended by SIG${event.signal}`;
  return `${style.red("✗")} ${style.bold(container)}  ${how}\n`;
}

/** What a command printed and how it ended in each of several containers, as plain data. */
export function execData(events: readonly FleetEvent<ExecEvent>[]): readonly unknown[] {
  return events.flatMap((event) => {
    const { container: hostname } = event;
    if (event.type === "line") return [];
    if (event.type === "skipped") return { hostname, skipped: true };
    if (event.type === "failed") {
      const { code, message, hint } = event.error;
      return { hostname, error: { code, message, hint } };
    }
    const { vmid, node, code, signal } = event;
    const printed = (stream: "out" | "err"): string =>
      events.flatMap((line) =>
        line.container === hostname && line.type === "line" && line.stream === stream
          ? `${line.text}\n`
          : []
      ).join("");
    return { vmid, node, hostname, code, signal, stdout: printed("out"), stderr: printed("err") };
  });
}
