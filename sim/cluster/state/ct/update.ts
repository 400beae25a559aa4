import { checkChange } from "./change.ts";
import type { Cluster, Ct } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkHost, staged } from "./config_text.ts";
import { broadcast, checkUnlocked, digestOf, findCt, isHostPath, isMount } from "./ct.ts";
import { failed, invalid } from "../error.ts";
import { hotplug } from "./hotplug.ts";
import { withLock } from "./locks.ts";
import { checkBridges } from "./network.ts";
import { applyPending, cleanUp, type Draft, draftOf, write } from "./pending.ts";
import { MOUNT, NET, parseProperty, splitList } from "../property.ts";
import { findStorage, findVolume, newVolume, parseVolid } from "../storage.ts";

/** Changes a container's configuration; waits for its lock. */
export async function updateCt(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  params: Readonly<Record<string, string>>,
): Promise<void> {
  const { digest, delete: deleted, revert: reverted, ...set } = params;
  if (Object.keys(params).every((key) => key === "digest")) throw failed("no options specified");
  const remove = splitList(deleted);
  const revert = splitList(reverted);
  await withLock(cluster, vmid, { signal: cluster.closing.signal }, () => {
    const ct = findCt(cluster, node, vmid);
    checkUnlocked(ct);
    if (digest !== undefined && digest !== digestOf(ct)) {
      throw failed("detected modified configuration - file changed by other user? Try again.");
    }
    const unprivileged = ct.config["unprivileged"] === "1";
    const change = { vmid, old: ct.config, unprivileged };
    checkChange(cluster, who, { ...change, set: {}, remove: [...remove, ...revert] });
    checkChange(cluster, who, { ...change, set, remove: [] });
    checkSettings(cluster, ct, set, remove);
    const draft = draftOf(ct);
    const changed = stage(cluster, draft, { set, remove, revert });
    const save = () => write(ct, draft);
    const errors = ct.status === "running"
      ? hotplug(cluster, ct, draft, changed, save)
      : applyPending(cluster, ct, draft, changed);
    if (Object.keys(errors).length > 0) throw invalid(errors);
    save();
    broadcast(cluster, ct);
    // Only then the configuration for LXC itself is made: this refuses, and all is written.
    const home = cluster.nodes.get(ct.node);
    if (ct.status === "stopped" && home) checkBridges(home, ct.config);
  });
}

/** Puts changes into the pending part, and returns the names of their options. */
function stage(
  cluster: Cluster,
  draft: Draft,
  { set, remove, revert }: {
    set: Readonly<Record<string, string>>;
    remove: readonly string[];
    revert: readonly string[];
  },
): Set<string> {
  const { config, pending, deleting } = draft;
  for (const key of revert) {
    delete pending[key];
    deleting.delete(key);
  }
  const removed = remove.filter((key) => config[key] !== undefined || pending[key] !== undefined);
  for (const key of removed) deleting.add(key);
  for (const [key, value] of Object.entries(set)) {
    pending[key] = staged(cluster, key, value);
    deleting.delete(key);
  }
  cleanUp(draft);
  return new Set([...removed, ...Object.keys(set)]);
}

function checkSettings(
  cluster: Cluster,
  ct: Ct,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
): void {
  const guarded = ct.config["protection"] === "1";
  for (const key of remove) {
    if (["memory", "rootfs", "ostype"].includes(key) && ct.config[key] !== undefined) {
      throw failed(`unable to delete required option '${key}'`);
    }
    if (key === "unprivileged") throw failed(`unable to delete read-only option: '${key}'`);
    if (guarded && /^(mp|unused)\d+$/.test(key)) {
      throw failed(`can't remove CT ${ct.vmid} drive '${key}' - protection mode enabled`);
    }
  }
  for (const [key, value] of Object.entries(set)) {
    if (key === "unprivileged") throw failed(`unable to modify read-only option: '${key}'`);
    if (key === "hookscript" && !findVolume(cluster, ct.node, value)) {
      throw failed(`script '${value}' does not exist`);
    }
    if (/^net\d+$/.test(key)) checkMtu(key, value);
    if (!isMount(key)) continue;
    if (guarded) {
      throw failed(`can't update CT ${ct.vmid} drive '${key}' - protection mode enabled`);
    }
    const volume = parseProperty(value, MOUNT)["volume"] ?? "";
    if (isHostPath(volume)) continue;
    const id = newVolume(volume)?.storage ?? parseVolid(volume).storage;
    if (!findStorage(cluster, ct.node, id).content.includes("rootdir")) {
      throw failed(`storage '${id}' does not allow content type 'rootdir' (Container)`);
    }
  }
  checkHost(cluster, ct.node, set);
}

/** MTU of every bridge of the simulated nodes. */
const BRIDGE_MTU = 1500;

function checkMtu(key: string, value: string): void {
  const mtu = Number(parseProperty(value, NET)["mtu"] ?? 0);
  if (mtu > BRIDGE_MTU) {
    throw failed(`${key}: MTU size '${mtu}' is bigger than bridge MTU '${BRIDGE_MTU}'`);
  }
}
