import { limits } from "../core/limits.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { within } from "../core/within.ts";
import {
  type LeftContainer,
  type LeftContainers,
  leftContainers,
  leftName,
} from "../operations/cleanup/left_containers.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, failed, failedBy } = findingsOf("leftovers");

/** Checks for containers that no create has finished, and none will. */
export async function checkLeft(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  const { clock } = cluster.platform;
  const limit = { clock, ms: limits.doctor.leftovers, what: "looking for leftovers", signal };
  try {
    const left = await within(limit, (late) => leftContainers(cluster, late));
    const found = [...left.unfinished.map(ofContainer), ...unseen(left)];
    const where = left.unseen.length === 0 ? "" : ` on the nodes that answer`;
    return found.length > 0 ? found : [ok(`no create was left unfinished${where}`)];
  } catch (error) {
    return [failedBy(error, signal, [{ kind: "doctor-again" }])];
  }
}

/** Containers that cannot be read may be leftovers. That a node is offline is a finding of its own. */
function unseen({ unfinished, unseen }: LeftContainers): Finding[] {
  const vmids = unfinished.filter(({ state }) => state === "unseen").map(({ vmid }) => `${vmid}`);
  const reasons = [
    ...vmids.length === 0 ? [] : [`containers ${vmids.join(" ")}`],
    ...unseen.filter((reason) => !/^node \S+ is offline: /.test(reason)),
  ];
  if (reasons.length === 0) return [];
  const message = `not everything could be inspected: ${reasons.join("; ")}`;
  return [failed(message, [{ kind: "doctor-again" }])];
}

function ofContainer(left: LeftContainer): Finding {
  const { ok, warning } = findingsOf("leftovers", left.node);
  const message = `${leftName(left)} is not finished: ${left.why}`;
  if (left.state === "live") return ok(message);
  if (left.state === "over") return warning(message, [{ kind: "cleanup" }]);
  if (left.state === "unseen") return warning(message, [{ kind: "doctor-again" }]);
  if (left.remedy !== undefined) return warning(message, left.remedy);
  const remedies = [{ kind: "destroy", vmid: left.vmid }] as const;
  return warning(message, "wait, unless nothing works on it", { remedies });
}
