import { plain } from "../core/plain.ts";
import type { PxrunError } from "../core/errors.ts";
import type { BatchEvent } from "../run/batch.ts";
import type { CreatePlan } from "../plan/create_plan.ts";
import type { Created, Destroyed } from "../run/result.ts";
import { errorData, taskLog } from "./error.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { duration } from "./units.ts";

/** What came of one of several containers. */
export type BatchOutcome =
  & { readonly container: string }
  & (
    | { readonly created: Created }
    | { readonly destroyed: Destroyed }
    | { readonly failed: PxrunError }
    | { readonly skipped: true }
  );

/** Several plans as people read them: a line for each container. */
export function batchPlanText(plans: readonly CreatePlan[], style: Style): string {
  const rows = table(
    [
      {
        heading: "HOSTNAME",
        cell: ({ recipe }) => style.bold(recipe.container.hostname),
        least: 10,
      },
      { heading: "VMID", cell: ({ vmid }) => String(vmid), align: "right" },
      { heading: "NODE", cell: ({ placement }) => placement.node },
      { heading: "TEMPLATE", cell: ({ placement }) => placement.template.volid, least: 12 },
      { heading: "STORAGE", cell: ({ placement }) => placement.storage, optional: true },
      {
        heading: "STEPS",
        cell: ({ steps }) => String(steps.length),
        align: "right",
        optional: true,
      },
    ],
    plans,
    style,
  );
  return `${rows}${warningsOf(plans, style)}`;
}

/** What several plans warn of alike is said once. */
function warningsOf(plans: readonly CreatePlan[], style: Style): string {
  const names = new Map<string, Set<string>>();
  for (const { recipe: { container: { hostname } }, warnings } of plans) {
    for (const text of warnings) names.set(text, (names.get(text) ?? new Set()).add(hostname));
  }
  return [...names].map(([text, [first = "", ...others]]) => {
    const whose = others.length === 0 ? first : `${first} and ${others.length} more`;
    return `${style.yellow("!")} ${plain(`${whose}: ${text}`)}\n`;
  }).join("");
}

/** What one of several containers prints, with its name before each line. */
export function prefixed(container: string, text: string, style: Style): string {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line) => `${style.dim(`${container} │`)} ${plain(line)}\n`).join("");
}

/** What an event says came of its container, if it is the last one of it. */
export function outcomeOf(event: BatchEvent): BatchOutcome | undefined {
  const { container } = event;
  if (event.type === "created") return { container, created: event.result };
  if (event.type === "destroyed") return { container, destroyed: event.result };
  if (event.type === "failed") return { container, failed: event.error };
  return event.type === "skipped" ? { container, skipped: true } : undefined;
}

/** The last line about one container. */
export function outcomeLine(outcome: BatchOutcome, style: Style): string {
  const name = style.bold(outcome.container);
  if ("created" in outcome) {
    const { vmid, node, addresses, durations } = outcome.created;
    const where = plain([`${vmid} on ${node}`, ...addresses].join("  "));
    return `${style.green("✓")} ${name}  ${where}  ${style.dim(duration(durations["total"] ?? 0))}`;
  }
  if ("destroyed" in outcome) return `${style.green("✓")} ${name}  is gone`;
  if ("skipped" in outcome) return `${style.dim("-")} ${name}  ${style.dim("not begun")}`;
  const { failed } = outcome;
  const mark = failed.code === "INTERRUPTED" ? style.yellow("!") : style.red("✗");
  const hint = failed.hint === undefined
    ? ""
    : `\n  ${style.yellow("hint")}: ${failed.hint.replaceAll("\n", "\n        ")}`;
  const log = taskLog(failed, "  ").trimEnd();
  const words = failed.message.replaceAll("\n", "\n  ");
  return `${mark} ${name}  ${words}${log && `\n${log}`}${hint}`;
}

/**
 * How many of each there are: `48 created, 2 failed in 35 s`.
 *
 * @param done What was to be done to all.
 */
export function batchSummary(
  outcomes: readonly BatchOutcome[],
  done: "created" | "destroyed",
  ms: number,
): string {
  const words = outcomes.map((outcome) =>
    !("failed" in outcome)
      ? "skipped" in outcome ? "not begun" : done
      : outcome.failed.code === "INTERRUPTED"
      ? "interrupted"
      : "failed"
  );
  const count = (word: string): number => words.filter((one) => one === word).length;
  const parts = [done, "failed", "interrupted", "not begun"].flatMap((word) =>
    count(word) > 0 || word === done ? [`${count(word)} ${word}`] : []
  );
  return `${parts.join(", ")} in ${duration(ms)}`;
}

/** What came of all, as plain data. */
export function batchData(outcomes: readonly BatchOutcome[]): readonly unknown[] {
  return outcomes.map((outcome) => {
    if ("created" in outcome) return outcome.created;
    if ("destroyed" in outcome) return outcome.destroyed;
    const hostname = outcome.container;
    if ("skipped" in outcome) return { hostname, skipped: true };
    return { hostname, ...errorData(outcome.failed) };
  });
}
