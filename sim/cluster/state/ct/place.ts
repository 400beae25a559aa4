import type { Cluster, Ct } from "../cluster.ts";
import { newCt } from "./ct.ts";
import { nameOf } from "./ct.ts";
import { planLinks } from "./network.ts";
import { newPid } from "../tasks.ts";

/** A container that is there from the start. */
export interface PlacedCt {
  readonly vmid: number;
  readonly node: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly status?: "running" | "stopped";
  readonly pool?: string;
}

/** Puts a container into the cluster as if it had been there for long, with nothing inside. */
export function placeCt(cluster: Cluster, placed: PlacedCt): Ct {
  const { vmid, node, config = {}, status = "stopped", pool } = placed;
  const now = cluster.clock.now();
  const ct = newCt(cluster, node, vmid, "debian-13-standard_13.1-2_amd64.tar.zst", {
    arch: "amd64",
    hostname: `ct${vmid}`,
    memory: "512",
    swap: "512",
    ostype: "debian",
    unprivileged: "1",
    ...config,
  });
  ct.pool = pool;
  ct.status = status;
  const simNode = cluster.nodes.get(node);
  if (status === "running" && simNode) {
    ct.startedAt = now - 3_600_000;
    ct.pid = newPid(cluster);
    ct.links = planLinks(cluster, simNode, ct, ct.startedAt);
  }
  const { startedAt } = ct;
  cluster.broadcasts.set(vmid, [
    { at: 0, name: nameOf(ct), status, config: { ...ct.config }, startedAt },
  ]);
  return ct;
}
