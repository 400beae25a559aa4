import { updateGuest } from "../cluster/changes/same_guest.ts";
import { type ClusterModule, targetOf } from "./context.ts";

/** A container is protected against changes of its disks and against being destroyed. */
export interface ProtectContainer {
  readonly kind: "protect-container";
  readonly id: "protection";
  readonly node: string;
  readonly vmid: number;
}

/**
 * Comes last: Proxmox changes no disk or mount point of a protected container, and one that is not
 * finished must still be removable.
 */
export const protectContainer: ClusterModule<ProtectContainer> = {
  describe: ({ node, vmid }) => ({
    title: "protect it",
    by: "API",
    call: `PUT /nodes/${node}/lxc/${vmid}/config`,
    parameters: ["protection=1"],
  }),
  async run(_, context) {
    await updateGuest(context.cluster, { ...targetOf(context), follow: true }, ({ protection }) => {
      return protection ? undefined : { protection: true };
    });
    return { done: "protected" };
  },
};
