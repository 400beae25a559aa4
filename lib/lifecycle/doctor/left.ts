import type { Cluster } from "../../connect/cluster.ts";
import { within } from "../../core/within.ts";
import { type LeftContainer, leftContainers, leftName } from "../left_containers.ts";
import { failedBy, type Finding, ok, warning } from "./finding.ts";

const CHECK = "leftovers";

/** How long looking for leftovers may take, in milliseconds. */
const PATIENCE = 20_000;

/** Whether there are containers that no create has finished, and none will. */
export async function checkLeft(cluster: Cluster, signal: AbortSignal): Promise<Finding[]> {
  try {
    const limit = {
      clock: cluster.world.clock,
      ms: PATIENCE,
      what: "looking for leftovers",
      signal,
    };
    const { unfinished } = await within(limit, (late) => leftContainers(cluster, late));
    const found = unfinished.map(ofContainer);
    return found.length > 0 ? found : [ok(CHECK, "no create was left unfinished")];
  } catch (error) {
    return [failedBy(CHECK, error, signal, "run `pxrun doctor` again")];
  }
}

function ofContainer(left: LeftContainer): Finding {
  const { node } = left;
  const message = `${leftName(left)} is not finished: ${left.why}`;
  if (left.state === "live") return ok(CHECK, message, { node });
  const remedy = left.state === "over"
    ? "`pxrun cleanup` removes it"
    : `wait; if nothing works on it: \`pxrun destroy ${left.vmid}\``;
  return warning(CHECK, message, remedy, { node });
}
