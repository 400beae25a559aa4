import { plainData } from "../core/plain.ts";
import type { ProvisionPlan } from "../operations/provision.ts";
import type { Provisioned } from "../run/result.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { tailnetText } from "./result.ts";
import { duration } from "./units.ts";

/** The steps that a provisioning runs, as a table. */
export function provisionPlanText(givenPlan: ProvisionPlan, style: Style): string {
  const plan = plainData(givenPlan);
  const { vmid, node, hostname = String(vmid), steps, warnings } = plan;
  const head = `${style.bold(hostname)}: container ${style.bold(String(vmid))}` +
    ` on ${style.bold(node)}${steps.length === 0 ? ": the recipe wants nothing inside" : ""}\n`;
  const lines = steps.length === 0 ? "" : "\n" + table(
    [
      { heading: "#", cell: (step) => String(step.number), align: "right" },
      { heading: "STEP", cell: (step) => step.title, least: 16 },
      { heading: "RUNS", cell: ({ check }) => check === undefined ? "always" : "if needed" },
      { heading: "BY", cell: () => "SSH" },
      {
        heading: "CALL",
        cell: () => style.dim(`lxc-attach -n ${vmid} --clear-env -- sh -s`),
        least: 16,
      },
    ],
    steps.map((step, i) => ({ ...step, number: i + 1 })),
    style,
  );
  return head + lines + warnings.map((text) => `${style.yellow("!")} ${text}\n`).join("");
}

/** The same as plain data. Scripts and secrets are not part of it. */
export function provisionPlanData(plan: ProvisionPlan): Readonly<Record<string, unknown>> {
  const { vmid, node, hostname, steps, warnings } = plan;
  return { vmid, node, hostname, steps: steps.map(({ id, title }) => ({ id, title })), warnings };
}

/** The end of a provisioning. */
export function provisionedText(givenResult: Provisioned, style: Style): string {
  const result = plainData(givenResult);
  const { hostname, vmid, changed, unchanged, failed, ms } = result;
  const counts = [
    `${changed.length} changed`,
    `${unchanged.length} unchanged`,
    ...failed.length > 0 ? [`${failed.length} failed`] : [],
  ];
  const mark = failed.length > 0 ? style.yellow("!") : style.green("✓");
  const tailnet = tailnetText(result.tailscale);
  return `${mark} ${style.bold(hostname ?? String(vmid))}: ${counts.join(", ")} ${
    style.dim(`in ${duration(ms)}`)
  }\n${tailnet === undefined ? "" : `  ${style.dim("tailnet ")} ${tailnet}\n`}`;
}
