import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import { list } from "../../cluster/guests/list.ts";
import { sameHostname } from "../../cluster/guests/names.ts";
import type { Creating } from "./creating.ts";

/** What the end of a create needs to know. */
export interface Ahead {
  /** The configuration, as it is before its mark is taken away. */
  readonly seen: Promise<lxc.LxcConfig>;
  /** What is worth a word about the container's name. */
  readonly twin: Promise<string | undefined>;
}

/** Asks for it while there is something else to wait for. */
export function lookAhead({ cluster, plan }: Creating, vmid: number): Ahead {
  const seen = lxc.config(cluster.rest, plan.placement.node, vmid);
  // Whoever needs it in the end hears of its failure.
  seen.catch(() => {});
  return {
    seen,
    twin: plan.hasTwin
      ? Promise.resolve(undefined)
      : twinMade(cluster, plan.recipe.container.hostname, vmid),
  };
}

/** Two creates of one name at the same time do not see each other when they plan. */
async function twinMade(
  cluster: Cluster,
  hostname: string,
  vmid: number,
): Promise<string | undefined> {
  try {
    const rows = await list(cluster);
    const twin = rows.find((row) => sameHostname(row.hostname, hostname) && row.vmid !== vmid);
    return twin && `${hostname} is the name of container ${twin.vmid} on ${twin.node} too, made ` +
        "meanwhile: call them by their vmids";
  } catch (error) {
    if (error instanceof PxrunError) return undefined;
    throw error;
  }
}
