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

/**
 * Takes the mark away again, where there is one.
 *
 * @returns Why that did not work, if so.
 */
export async function unmarkFailed(
  cluster: Cluster,
  node: string,
  vmid: number,
): Promise<string | undefined> {
  const { rest } = cluster;
  const head = `${FAILED_TAG}\n`;
  try {
    const { tags, description = "", digest } = await lxc.config(rest, node, vmid);
    const change = {
      ...(tags.includes(FAILED_TAG) && {
        tags: tags.filter((tag) => tag !== FAILED_TAG).join(";"),
      }),
      ...(description.startsWith(head) && { description: description.slice(head.length) }),
    };
    // An empty text removes nothing; its name among those to remove does.
    const names = Object.entries(change).filter(([, text]) => text === "").map(([name]) => name);
    const set = Object.fromEntries(Object.entries(change).filter(([, text]) => text !== ""));
    if (Object.keys(change).length === 0) return undefined;
    const removed = names.length > 0 && { delete: names.join(",") };
    await lxc.updateConfig(rest, node, vmid, { ...set, ...removed, digest });
    return undefined;
  } catch (error) {
    return `could not remove the tag ${FAILED_TAG} of ${vmid}: ${messageOf(error)}; ` +
      "later: provision again";
  }
}
