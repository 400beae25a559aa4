import type { ExecEvent } from "../operations/exec_all.ts";
import type { Found } from "../cluster/guests/find.ts";
import { type BatchEvent, batchNames } from "../run/batch.ts";
import { outcomeLine } from "./batch.ts";
import type { Style } from "./style.ts";

/** What is said about a command that ended otherwise than well; nothing else is. */
export function endingText(event: BatchEvent<ExecEvent>, style: Style): string {
  const { container, type } = event;
  if (type === "failed") return `${outcomeLine({ container, failed: event.error }, style)}\n`;
  if (type === "skipped") return `${outcomeLine({ container, skipped: true }, style)}\n`;
  if (type === "line" || event.code === 0) return "";
  const how = event.signal === undefined ? `exited ${event.code}` : `ended by SIG${event.signal}`;
  return `${style.red("✗")} ${style.bold(container)}  ${how}\n`;
}

/** What a command printed and how it ended in each of several containers, as plain data. */
export function execData(
  containers: readonly Found[],
  events: readonly BatchEvent<ExecEvent>[],
): readonly unknown[] {
  const names = batchNames(containers);
  const byName = Map.groupBy(events, ({ container }) => container);
  return containers.map((which, index) => {
    const own = byName.get(names[index] ?? "") ?? [];
    const last = own.at(-1);
    if (last?.type === "failed") {
      const { code, message, hint } = last.error;
      return { ...which, error: { code, message, hint } };
    }
    if (last?.type !== "exited") return { ...which, skipped: true };
    const printed = (stream: "out" | "err"): string =>
      own.flatMap((event) =>
        event.type === "line" && event.stream === stream ? `${event.text}\n` : []
      ).join("");
    const { code, signal } = last;
    return { ...which, code, signal, stdout: printed("out"), stderr: printed("err") };
  });
}
