import { plainData } from "../core/plain.ts";
import type { ProvisionPlan } from "../lifecycle/reprovision.ts";
import type { Provisioned } from "../lifecycle/result.ts";
import type { Style } from "./style.ts";
import { tailnetText } from "./result.ts";
import { duration } from "./units.ts";

/** What will be looked at, and brought about where it is not so. */
export function provisionPlanText(givenPlan: ProvisionPlan, style: Style): string {
  const plan = plainData(givenPlan);
  const { vmid, node, hostname = String(vmid), steps, warnings } = plan;
  const head = `${style.bold(hostname)} (${vmid} on ${node}):` +
    (steps.length === 0 ? " the recipe wants nothing inside\n" : "\n");
  const lines = steps.map(({ title, check }, i) =>
    `  ${i + 1}. ${title}${check === undefined ? "" : style.dim(" if it is not so already")}\n`
  );
  return head + lines.join("") + warnings.map((text) => `${style.yellow("!")} ${text}\n`).join("");
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
