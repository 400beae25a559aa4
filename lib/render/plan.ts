import { plainData } from "../core/plain.ts";
import type { CreatePlan } from "../lifecycle/plan.ts";
import type { PlanStep } from "../lifecycle/plan_steps.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** A plan as people read it: what is made, and each step with the call behind it. */
export function planText(givenPlan: CreatePlan, style: Style, columns: number): string {
  const plan = plainData(givenPlan);
  const { container } = plan.recipe;
  const { cores, memory, storage } = container.resources;
  const head = `${style.bold(container.hostname)} as container ${style.bold(String(plan.vmid))}` +
    ` on ${style.bold(plan.placement.node)}: ${plan.placement.template.volid},` +
    ` ${cores} ${cores === 1 ? "core" : "cores"}, ${memory} MiB,` +
    ` ${storage} GiB on ${plan.placement.storage}\n`;
  const numbered = plan.steps.map((step, i) => ({ ...step, number: i + 1 }));
  const steps = table(
    [
      { heading: "#", cell: (step) => String(step.number), align: "right" },
      { heading: "STEP", cell: (step) => step.title },
      { heading: "BY", cell: (step) => step.by },
      { heading: "CALL", cell: (step) => style.dim(step.call) },
    ],
    numbered,
    style,
  );
  const parameters = numbered.flatMap(({ number, parameters = [] }) =>
    parameters.length === 0 ? [] : [style.dim(wrap(`with ${number}:`, parameters, columns))]
  ).join("");
  const why = reasons(plan.steps).map((text) => `${style.dim("why SSH:")} ${text}\n`).join("");
  const warnings = plan.warnings.map((text) => `${style.yellow("!")} ${text}\n`).join("");
  return `${head}\n${steps}\n${parameters}${why}${warnings}`;
}

/** Words after a label, in lines of at most so many columns. */
function wrap(label: string, words: readonly string[], columns: number): string {
  const indent = " ".repeat(label.length);
  const lines: string[] = [];
  let line = label;
  for (const word of words) {
    if (line.length + 1 + word.length > columns && line.trim() !== "" && line !== label) {
      lines.push(line);
      line = indent;
    }
    line += ` ${word}`;
  }
  return [...lines, line].map((text) => `${text}\n`).join("");
}

function reasons(steps: readonly PlanStep[]): string[] {
  return [...new Set(steps.flatMap((step) => step.why ?? []))];
}

/** A plan as plain data. Scripts and secrets are not part of it. */
export function planData(plan: CreatePlan): Readonly<Record<string, unknown>> {
  return {
    hostname: plan.recipe.container.hostname,
    vmid: plan.vmid,
    node: plan.placement.node,
    template: plan.placement.template.volid,
    storage: plan.placement.storage,
    bridges: plan.placement.bridges,
    parameters: plan.parameters,
    steps: plan.steps,
    warnings: plan.warnings,
  };
}
