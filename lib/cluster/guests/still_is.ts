import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { LxcConfig } from "../../proxmox/api/nodes/lxc.ts";
import type { Found } from "./find.ts";
import type { PlanProblem } from "../../core/problem.ts";
import { Gone, whileSame } from "../changes/same_guest.ts";

/**
 * Refuses when a vmid is not the container any more that was found under it, or a template.
 *
 * @returns Its configuration.
 * @throws {PxrunError} NOT_FOUND when it was destroyed or another one has its vmid.
 */
export async function enterableNow(
  cluster: Cluster,
  found: Found,
  signal?: AbortSignal,
): Promise<LxcConfig> {
  const { vmid, node } = found;
  const target = { vmid, node, signal, is: () => true };
  const now = await whileSame(cluster, target, ({ config }) => Promise.resolve(config));
  if (now === undefined) throw new Gone(found);
  assertNamed(found, now.value);
  if (!now.value.template) return now.value;
  const problem = neverRuns(found);
  throw new PxrunError(problem.code, problem.message, problem);
}

/**
 * Refuses a configuration that is that of another container than the one that was found by its name.
 *
 * @throws {PxrunError} NOT_FOUND when another one has its vmid.
 */
export function assertNamed(found: Found, { hostname: name }: Pick<LxcConfig, "hostname">): void {
  // One without a hostname was meant by its vmid.
  if (found.hostname !== undefined && name !== found.hostname) throw notFound(found, name);
}

function notFound({ vmid, hostname }: Found, name = "nameless"): PxrunError {
  return new PxrunError("NOT_FOUND", `container ${hostname} not found: ${vmid} is ${name} now`, {
    hint: "run the command again if you mean that one",
    remedies: [{ kind: "list" }],
  });
}

/** The problem of a template that something is to be done inside of. */
export function neverRuns({ vmid, node, hostname }: Found): PlanProblem {
  return {
    code: "FAILED",
    message: `container ${hostname ?? vmid} is a template: it never runs`,
    hint: `make a container of it on ${node}: pct clone ${vmid} VMID --hostname NAME`,
  };
}
