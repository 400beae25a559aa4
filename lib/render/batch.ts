import { plain } from "../core/plain.ts";
import type { ExecEvent } from "../operations/exec_all.ts";
import type { Found } from "../cluster/guests/find.ts";
import type { CreatePlan } from "../plan/create_plan.ts";
import { type BatchEvent, batchNames, type Outcome } from "../run/batch.ts";
import type { Event } from "../run/event.ts";
import { taskLog } from "./error.ts";
import { adviceText } from "./remedy.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { duration } from "./units.ts";

/** Several plans as text: a line for each container. */
export function batchPlanText(plans: readonly CreatePlan[], style: Style): string {
  const rows = table(
    [
      { heading: "HOSTNAME", cell: ({ hostname }) => style.bold(hostname), least: 10 },
      { heading: "VMID", cell: ({ vmid }) => String(vmid), align: "right" },
      { heading: "NODE", cell: ({ placement }) => placement.node },
      { heading: "TEMPLATE", cell: ({ placement }) => placement.template.volid, least: 12 },
      { heading: "STORAGE", cell: ({ placement }) => placement.storage, optional: true },
      {
        heading: "ACTIONS",
        cell: ({ actions }) => String(actions.length),
        align: "right",
        optional: true,
      },
    ],
    plans,
    style,
  );
  return `${rows}${warningsOf(plans, style)}`;
}

/** A warning that several plans have in common is listed once. */
function warningsOf(plans: readonly CreatePlan[], style: Style): string {
  const names = new Map<string, Set<string>>();
  for (const { hostname, warnings } of plans) {
    for (const text of warnings) names.set(text, (names.get(text) ?? new Set()).add(hostname));
  }
  return [...names].map(([text, [first = "", ...others]]) => {
    const whose = others.length === 0 ? first : `${first} and ${others.length} more`;
    return `${style.yellow("!")} ${plain(`${whose}: ${text}`)}\n`;
  }).join("");
}

/** Output of one of several containers, with its name before each line. */
export function prefixed(container: string, text: string, style: Style): string {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line) => `${style.dim(`${container} │`)} ${plain(line)}\n`).join("");
}

/** The last line about one container of several; undefined for an event that is not its end. */
export function endLine(event: BatchEvent<Event | ExecEvent>, style: Style): string | undefined {
  const name = style.bold(event.container);
  switch (event.type) {
    case "created": {
      const { vmid, node, addresses, durations } = event.result;
      const where = plain([`${vmid} on ${node}`, ...addresses].join("  "));
      const took = style.dim(duration(durations["total"] ?? 0));
      return `${style.green("✓")} ${name}  ${where}  ${took}`;
    }
    case "destroyed":
      return `${style.green("✓")} ${name}  destroyed`;
    case "ended":
    case "provisioned":
      return `${style.green("✓")} ${name}  done`;
    case "skipped":
      return `${style.dim("-")} ${name}  ${style.dim("not begun")}`;
    case "failed": {
      const { error } = event;
      const mark = error.code === "INTERRUPTED" ? style.yellow("!") : style.red("✗");
      const advice = adviceText(error);
      const hint = advice === undefined
        ? ""
        : `\n  ${style.yellow("hint")}: ${advice.replaceAll("\n", "\n        ")}`;
      const log = taskLog(error, "  ").trimEnd();
      const words = error.message.replaceAll("\n", "\n  ");
      return `${mark} ${name}  ${words}${log && `\n${log}`}${hint}`;
    }
    default:
      return undefined;
  }
}

/**
 * Number of containers by their outcome: `48 created, 2 failed in 35 s`.
 *
 * @param done State that all were to have afterwards.
 */
export function batchSummary(
  outcomes: readonly Outcome<unknown>[],
  done: string,
  ms: number,
): string {
  const words = outcomes.map((outcome) => {
    if ("result" in outcome) return done;
    if ("skipped" in outcome) return "not begun";
    return outcome.error.code === "INTERRUPTED" ? "interrupted" : "failed";
  });
  const count = (word: string): number => words.filter((one) => one === word).length;
  const parts = [done, "failed", "interrupted", "not begun"].flatMap((word) =>
    count(word) > 0 || word === done ? [`${count(word)} ${word}`] : []
  );
  return `${parts.join(", ")} in ${duration(ms)}`;
}

/** End of a command that failed, as a line; empty for any other event. */
export function endingText(event: BatchEvent<ExecEvent>, style: Style): string {
  if (event.type === "line" || event.type === "exited" && event.code === 0) return "";
  const end = endLine(event, style);
  if (end !== undefined || event.type !== "exited") return `${end}\n`;
  const how = event.signal === undefined ? `exited ${event.code}` : `ended by SIG${event.signal}`;
  return `${style.red("✗")} ${style.bold(event.container)}  ${how}\n`;
}

/** Output and end of a command in each of several containers, as plain data. */
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
