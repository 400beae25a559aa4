import { checkChange } from "./change.ts";
import type { Cluster, Ct } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkHost, normalised } from "./config_text.ts";
import { broadcast, checkUnlocked, digestOf, findCt, isHostPath, isMount } from "./ct.ts";
import { failed } from "../error.ts";
import { withLock } from "./locks.ts";
import { planLinks } from "./network.ts";
import { MOUNT, parseProperty, splitList } from "../property.ts";
import { allocate, diskOption } from "./disks.ts";
import { findStorage, findVolume, free, newVolume, parseVolid } from "../storage.ts";

/** Options that a running container takes over at once; the others wait for its next start. */
const LIVE =
  /^(cores|cpulimit|cpuunits|description|hookscript|hostname|lock|memory|net\d+|mp\d+|dev\d+|onboot|protection|startup|swap|tags|unused\d+)$/;

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
    if (set["lock"] === undefined) checkUnlocked(ct);
    if (digest !== undefined && digest !== digestOf(ct)) {
      throw failed("detected modified configuration - file changed by other user? Try again.");
    }
    const unprivileged = ct.config["unprivileged"] === "1";
    const change = { vmid, old: ct.config, unprivileged };
    checkChange(cluster, who, { ...change, set: {}, remove: [...remove, ...revert] });
    checkChange(cluster, who, { ...change, set, remove: [] });
    checkSettings(cluster, ct, set, remove);
    for (const key of revert) delete ct.pending[key];
    removeOptions(cluster, ct, remove);
    setOptions(cluster, ct, set);
    broadcast(cluster, ct);
  });
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

function removeOptions(cluster: Cluster, ct: Ct, names: readonly string[]): void {
  for (const name of names) {
    const volume = parseProperty(ct.config[name] ?? "", MOUNT)["volume"];
    if (/^mp\d+$/.test(name) && volume !== undefined && !isHostPath(volume)) {
      const unused = [...Array(256).keys()].find((n) => ct.config[`unused${n}`] === undefined);
      ct.config[`unused${unused ?? 0}`] = volume;
    }
    if (/^unused\d+$/.test(name) && volume !== undefined) free(cluster, ct.node, [volume]);
    delete ct.config[name];
    delete ct.pending[name];
  }
}

function setOptions(cluster: Cluster, ct: Ct, set: Readonly<Record<string, string>>): void {
  const mounts = Object.entries(set).filter(([key]) => isMount(key)).map(([key, value]) => {
    const mount = parseProperty(value, MOUNT);
    const fresh = newVolume(mount["volume"] ?? "");
    return [key, fresh ? diskOption(allocate(cluster, { ...ct, ...fresh }), mount) : value];
  });
  const settings: Record<string, string> = {
    ...Object.fromEntries(mounts),
    ...normalised(cluster, set),
  };
  for (const [key, value] of Object.entries(settings)) {
    const waits = ct.status === "running" &&
      (!LIVE.test(key) || (/^(mp|dev)\d+$/.test(key) && ct.config[key] !== undefined));
    if (waits) ct.pending[key] = value;
    else ct.config[key] = value;
  }
  const node = cluster.nodes.get(ct.node);
  if (node && ct.startedAt !== undefined && Object.keys(set).some((key) => /^net\d+$/.test(key))) {
    ct.links = planLinks(cluster, node, ct, cluster.clock.now());
  }
}

/** Takes over, at a start, what had to wait for it. */
export function applyPending(ct: Ct): void {
  ct.config = { ...ct.config, ...ct.pending };
  ct.pending = {};
}
