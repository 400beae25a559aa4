import { resources } from "../proxmox/cluster.ts";
import { NotFound, PermissionDenied } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import type { LxcConfig } from "../proxmox/nodes_lxc_config.ts";
import type { Rest } from "../proxmox/rest.ts";

/**
 * A container's configuration, or undefined when it is gone. A token that is confined to a pool
 * is told 403 then, since what is gone has left the pool: the cluster's list decides.
 */
export async function configIfThere(
  rest: Rest,
  node: string,
  vmid: number,
): Promise<LxcConfig | undefined> {
  try {
    return await lxc.config(rest, node, vmid);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    if (!(error instanceof PermissionDenied)) throw error;
    if ((await resources(rest, "vm")).some((guest) => guest.vmid === vmid)) throw error;
    return undefined;
  }
}
