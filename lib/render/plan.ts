import type { DestroyPlan } from "../operations/destroy/plan_destroy.ts";
import type { ProvisionPlan } from "../operations/provision.ts";
import { plain, plainData } from "../core/plain.ts";
import type { CreatePlan } from "../plan/create_plan.ts";
import { type Action, describe } from "../actions/table.ts";
import type { Description } from "../run/run_actions.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

/** An action with its description, free of control characters. */
type Shown = Pick<Action, "kind" | "id"> & Description;

function shown({ actions }: Pick<CreatePlan, "actions">): Shown[] {
  return actionsData({ actions }).map((action) => plainData(action));
}

/** The actions of a plan as data for JSON and YAML. */
export function actionsData({ actions }: { readonly actions: readonly Action[] }): Shown[] {
  return actions.map((action) => ({ kind: action.kind, id: action.id, ...describe(action) }));
}

/** Summary of a plan in a few lines: hostname, node, size, network, keys, steps. */
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
  const steps = table(stepColumns("ACTION", style), numbered, style);
  const parameters = numbered.flatMap(({ number, parameters = [] }) =>
    parameters.length === 0 ? [] : [style.dim(wrap(`with ${number}:`, parameters, columns))]
  ).join("");
  const reasons = new Set(numbered.flatMap(({ why }) => why ?? []));
  const why = Array.from(reasons, (text) => `${style.dim("why SSH:")} ${text}\n`).join("");
  const summary = planSummary({ ...plan, warnings: [] }, style, columns);
  return `${summary}\n${steps}\n${parameters}${why}${warningsText(plan, style)}`;
}

/** A numbered step of a plan. */
interface Step extends Pick<Shown, "title" | "by" | "call"> {
  readonly number: number;
}

/** The columns of steps; `between` their titles and their calls there may be another one. */
function stepColumns<S extends Step>(
  heading: string,
  style: Style,
  ...between: readonly Column<S>[]
): Column<S>[] {
  return [
    { heading: "#", cell: ({ number }) => String(number), align: "right" },
    { heading, cell: ({ title }) => title, least: 16 },
    ...between,
    { heading: "BY", cell: ({ by }) => by },
    { heading: "CALL", cell: ({ call }) => style.dim(call), least: 16 },
  ];
}

/** Warnings of a plan, a line each. */
export function warningsText(
  { warnings }: { readonly warnings: readonly string[] },
  style: Style,
): string {
  return warnings.map((text) => `${style.yellow("!")} ${plain(text)}\n`).join("");
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

/** Plan of a destroy as text. */
export function destroyPlanText(givenPlan: DestroyPlan, style: Style): string {
  const plan = plainData(givenPlan);
  const { vmid, node, template, hostname } = plan;
  const name = hostname === undefined ? "" : ` ${style.bold(hostname)}`;
  const state = [plan.running ? "running" : "stopped", ...(plan.protected ? ["protected"] : [])];
  const kind = template ? "template" : "container";
  const steps = actionsData(plan).map(({ title, call, parameters = [] }) =>
    `  ${title}  ${style.dim([call, ...parameters].join(" "))}\n`
  );
  return `${kind} ${style.bold(String(vmid))}${name} on ${node}, ` +
    `${state.join(", ")}, with all its disks\n${steps.join("")}${warningsText(plan, style)}`;
}

/** The steps that a provisioning runs, as a table. */
export function provisionPlanText(givenPlan: ProvisionPlan, style: Style): string {
  const plan = plainData(givenPlan);
  const { vmid, node, hostname = String(vmid), steps } = plan;
  const container = `container ${style.bold(String(vmid))} on ${style.bold(node)}`;
  const head = `${style.bold(hostname)}: ${container}`;
  const warnings = warningsText(plan, style);
  if (steps.length === 0) return `${head}: the recipe wants nothing inside\n${warnings}`;
  const call = `lxc-attach -n ${vmid} --clear-env -- sh -s`;
  const lines = steps.map(({ title, check }, i) => {
    const runs = check === undefined ? "always" : "if needed";
    return { number: i + 1, title, runs, by: "SSH" as const, call };
  });
  const runs = { heading: "RUNS", cell: (line: typeof lines[number]) => line.runs };
  return `${head}\n\n${table(stepColumns("STEP", style, runs), lines, style)}${warnings}`;
}

/** The same as plain data. Scripts and secrets are not part of it. */
export function provisionPlanData(plan: ProvisionPlan): Readonly<Record<string, unknown>> {
  const { vmid, node, hostname, steps, warnings } = plan;
  return { vmid, node, hostname, steps: steps.map(({ id, title }) => ({ id, title })), warnings };
}

/** Changes at one place, in their order. */
export interface SetupPlace {
  readonly place: string;
  readonly actions: readonly { readonly title: string; readonly call?: string }[];
}

/** Plan of a setup as text; places where nothing is done are left out. */
export function setupPlanText(places: readonly SetupPlace[], style: Style): string {
  return places.filter(({ actions }) => actions.length > 0).flatMap(({ place, actions }) => [
    `${style.bold(place)}\n`,
    ...actions.map(({ title, call }) =>
      `  ${title}\n${call === undefined ? "" : `    ${style.dim(call)}\n`}`
    ),
  ]).join("");
}
