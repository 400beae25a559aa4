import { limits } from "../core/limits.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { within } from "../core/within.ts";
import {
  type LeftContainer,
  type LeftContainers,
  leftContainers,
  leftName,
} from "../operations/cleanup/left_containers.ts";
import { failed, failedBy, type Finding, ok, warning } from "./finding.ts";

const CHECK = "leftovers";

/** Whether there are containers that no create has finished, and none will. */
export async function checkLeft(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  try {
    const limit = {
      clock: cluster.platform.clock,
      ms: limits.doctor.leftovers,
      what: "looking for leftovers",
      signal,
    };
    const left = await within(limit, (late) => leftContainers(cluster, late));
    const found = [...left.unfinished.map(ofContainer), ...unseen(left)];
    const where = left.unseen.length === 0 ? "" : ` on the nodes that answer`;
    return found.length > 0 ? found : [ok(CHECK, `no create was left unfinished${where}`)];
  } catch (error) {
    return [failedBy(CHECK, error, signal, [{ kind: "doctor-again" }])];
  }
}

/** What could not be looked at may be left. That a node is offline is a finding of its own. */
function unseen({ unfinished, unseen }: LeftContainers): Finding[] {
  const vmids = unfinished.filter(({ state }) => state === "unseen").map(({ vmid }) => `${vmid}`);
  const reasons = [
    ...vmids.length === 0 ? [] : [`containers ${vmids.join(" ")}`],
    ...unseen.filter((reason) => !/^node \S+ is offline: /.test(reason)),
  ];
  if (reasons.length === 0) return [];
  const message = `not everything could be looked at: ${reasons.join("; ")}`;
  return [failed(CHECK, message, [{ kind: "doctor-again" }])];
}

function ofContainer(left: LeftContainer): Finding {
  const { node } = left;
  const message = `${leftName(left)} is not finished: ${left.why}`;
  if (left.state === "live") return ok(CHECK, message, { node });
  if (left.state === "over") return warning(CHECK, message, [{ kind: "cleanup" }], { node });
  if (left.state === "unseen") return warning(CHECK, message, [{ kind: "doctor-again" }], { node });
  if (left.remedy !== undefined) return warning(CHECK, message, left.remedy, { node });
  const remedies = [{ kind: "destroy", vmid: left.vmid }] as const;
  return warning(CHECK, message, "wait, unless nothing works on it", { node, remedies });
}
