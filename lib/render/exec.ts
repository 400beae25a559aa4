import type { ExecEvent } from "../operations/exec_all.ts";
import type { Found } from "../cluster/guests/find.ts";
import { type BatchEvent, batchNames } from "../run/batch.ts";
import { endLine } from "./batch.ts";
import { adviceText } from "./remedy.ts";
import type { Style } from "./style.ts";

/** What is said about a command that ended otherwise than well; nothing else is. */
export function endingText(event: BatchEvent<ExecEvent>, style: Style): string {
  if (event.type === "line" || event.type === "exited" && event.code === 0) return "";
  const end = endLine(event, style);
  if (end !== undefined || event.type !== "exited") return `${end}\n`;
  const how = event.signal === undefined ? `exited ${event.code}` : `ended by SIG${event.signal}`;
  return `${style.red("✗")} ${style.bold(event.container)}  ${how}\n`;
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
      const { code, message } = last.error;
      return { ...which, error: { code, message, hint: adviceText(last.error) } };
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
