import { plainData } from "../core/plain.ts";
import type { DestroyPlan } from "../operations/destroy/plan_destroy.ts";
import { actionsData } from "./plan.ts";
import type { Style } from "./style.ts";

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
