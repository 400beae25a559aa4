import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { NotFound } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import { withSignal } from "../proxmox/rest.ts";
import type { Found } from "./find.ts";
import { moved, movedTo } from "./where.ts";

/**
 * Refuses when a vmid is not the container any more that was found under it: to be called directly before
 * something is done inside, since connecting takes its time.
 *
 * @throws {PxrunError} NOT_FOUND when it was destroyed or another one has its vmid.
 */
export async function stillIs(
  cluster: Cluster,
  found: Found,
  signal?: AbortSignal,
): Promise<lxc.LxcStatus> {
  const { vmid, node, hostname } = found;
  const rest = withSignal(cluster.rest, signal);
  const now = await lxc.current(rest, node, vmid).catch(async (error) => {
    const elsewhere = error instanceof NotFound && await movedTo(cluster, found, signal);
    throw elsewhere ? moved(found, elsewhere, undefined, error) : error;
  });
  // One without a hostname was meant by its vmid.
  if (hostname === undefined || now.name === hostname) return now;
  const name = now.name ?? "nameless";
  throw new PxrunError("NOT_FOUND", `container ${hostname} not found: ${vmid} is ${name} now`, {
    hint: "run the command again if you mean that one; pxrun list shows the containers",
  });
}

/** The same for what is to be entered: a template never runs. */
export async function enterableNow(
  cluster: Cluster,
  found: Found,
  signal?: AbortSignal,
): Promise<void> {
  const { template } = await stillIs(cluster, found, signal);
  if (!template) return;
  const { vmid, node, hostname } = found;
  throw new PxrunError("FAILED", `container ${hostname ?? vmid} is a template: it never runs`, {
    hint: `make a container of it on ${node}: pct clone ${vmid} VMID --hostname NAME`,
  });
}
