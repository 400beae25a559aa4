import type { DestroyPlan } from "../operations/destroy/plan_destroy.ts";
import { plainData } from "../core/plain.ts";
import type { CreatePlan } from "../plan/create_plan.ts";
import { type Action, describe } from "../actions/table.ts";
import type { Description } from "../run/run_actions.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** An action with its description, free of control characters. */
type Shown = Pick<Action, "kind" | "id"> & Description;

function shown({ actions }: Pick<CreatePlan, "actions">): Shown[] {
  return actionsData({ actions }).map((action) => plainData(action));
}

/** The actions of a plan as data for JSON and YAML. */
export function actionsData({ actions }: { readonly actions: readonly Action[] }): Shown[] {
  return actions.map((action) => ({ kind: action.kind, id: action.id, ...describe(action) }));
}

/** What a plan makes, in a few lines: what, where, how big, how it is reached, what is done. */
export function planSummary(plan: CreatePlan, style: Style, columns: number): string {
  const { container, placement, vmid, sshKeys: keys } = plainData(plan);
  const { cores, memory, storage } = container.resources;
  const nets = container.network.map(({ ip, ip6 }, index) =>
    [placement.bridges[index], ip, ...(ip6 === undefined ? [] : [ip6])].join(" ")
  );
  const size = [
    `${cores} ${cores === 1 ? "core" : "cores"}`,
    `${memory} MiB memory`,
    `${storage} GiB on ${placement.storage}`,
    ...nets,
    ...(keys === 0 ? [] : [`${keys} SSH ${keys === 1 ? "key" : "keys"} for root`]),
  ];
  const titles = shown(plan).map(({ title }) => title.replace(/ container \d+$/, ""));
  return `${style.bold(container.hostname)}: container ${style.bold(String(vmid))}` +
    ` on ${style.bold(placement.node)}, from ${placement.template.volid}\n` +
    wrap(" ", commas(size), columns) + wrap("  steps:", commas(titles), columns) +
    warningsText(plan, style);
}

/** All of a plan: what is made, and each step with the call behind it. */
export function planText(givenPlan: CreatePlan, style: Style, columns: number): string {
  const plan = plainData(givenPlan);
  const numbered = shown(plan).map((step, i) => ({ ...step, number: i + 1 }));
  const steps = table(
    [
      { heading: "#", cell: (step) => String(step.number), align: "right" },
      { heading: "ACTION", cell: (step) => step.title, least: 16 },
      { heading: "BY", cell: (step) => step.by },
      { heading: "CALL", cell: (step) => style.dim(step.call), least: 16 },
    ],
    numbered,
    style,
  );
  const parameters = numbered.flatMap(({ number, parameters = [] }) =>
    parameters.length === 0 ? [] : [style.dim(wrap(`with ${number}:`, parameters, columns))]
  ).join("");
  const why = reasons(numbered).map((text) => `${style.dim("why SSH:")} ${text}\n`).join("");
  const summary = planSummary({ ...plan, warnings: [] }, style, columns);
  return `${summary}\n${steps}\n${parameters}${why}${warningsText(plan, style)}`;
}

function warningsText(plan: CreatePlan, style: Style): string {
  return plainData(plan.warnings).map((text) => `${style.yellow("!")} ${text}\n`).join("");
}

function commas(words: readonly string[]): string[] {
  return words.map((word, index) => index === words.length - 1 ? word : `${word},`);
}

/** Words after a label, in lines of at most that number of columns. */
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

function reasons(steps: readonly Pick<Shown, "why">[]): string[] {
  return [...new Set(steps.flatMap((step) => step.why ?? []))];
}

/** A plan as plain data. Scripts and secrets are not part of it. */
export function planData(plan: CreatePlan): Readonly<Record<string, unknown>> {
  return {
    hostname: plan.hostname,
    vmid: plan.vmid,
    node: plan.placement.node,
    template: plan.placement.template.volid,
    storage: plan.placement.storage,
    bridges: plan.placement.bridges,
    parameters: plan.actions.find((one) => one.kind === "create-container")?.parameters,
    actions: actionsData(plan),
    warnings: plan.warnings,
  };
}

/** What a destroy will do, as people read it. */
export function destroyPlanText(givenPlan: DestroyPlan, style: Style): string {
  const plan = plainData(givenPlan);
  const name = plan.hostname === undefined ? "" : ` ${style.bold(plan.hostname)}`;
  const state = [plan.running ? "running" : "stopped", ...(plan.protected ? ["protected"] : [])];
  const head =
    `${plan.template ? "template" : "container"} ${
      style.bold(String(plan.vmid))
    }${name} on ${plan.node}, ` +
    `${state.join(", ")}, with all its disks\n`;
  return head +
    actionsData(plan).map(({ title, call, parameters = [] }) =>
      `  ${title}  ${style.dim([call, ...parameters].join(" "))}\n`
    ).join("") +
    plan.warnings.map((text) => `${style.yellow("!")} ${text}\n`).join("");
}
