import type { Cluster } from "../connect/cluster.ts";
import { messageOf } from "../core/errors.ts";
import { PermissionDenied } from "../proxmox/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";

/** The tag of a container whose provisioning did not finish. */
export const FAILED_TAG = "pxrun-failed";

/**
 * Marks a container as one that did not become what it should: by a tag, or in its
 * description where the tag policy refuses a new tag.
 *
 * @returns Why it could not be marked, if so: that must not hide the failure itself.
 */
export async function markFailed(
  cluster: Cluster,
  node: string,
  vmid: number,
): Promise<string | undefined> {
  const { rest } = cluster;
  try {
    const { tags, description = "", digest } = await lxc.config(rest, node, vmid);
    try {
      const all = [...new Set([...tags, FAILED_TAG])].join(";");
      await lxc.updateConfig(rest, node, vmid, { tags: all, digest });
    } catch (error) {
      if (!(error instanceof PermissionDenied)) throw error;
      const text = `${FAILED_TAG}\n${description}`;
      await lxc.updateConfig(rest, node, vmid, { description: text, digest });
    }
    return undefined;
  } catch (error) {
    return `could not tag ${vmid} as ${FAILED_TAG}: ${messageOf(error)}`;
  }
}
