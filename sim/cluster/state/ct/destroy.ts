import type { Cluster, Ct } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkUnlocked, findCt, isHostPath, mountsOf } from "./ct.ts";
import { checkDisks } from "./disks.ts";
import { failed } from "../error.ts";
import { withLock } from "./locks.ts";
import { netsOf } from "./network.ts";
import { halt } from "./power.ts";
import { free } from "../storage.ts";
import { startTask } from "../tasks.ts";

/** Destroys a container in a task; returns the UPID. */
export function destroyCt(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  params: Readonly<Record<string, string>>,
): string {
  const force = params["force"] === "1";
  const purge = params["purge"] === "1";
  checkDestroy(findCt(cluster, node, vmid), force);
  if (cluster.managed.has(vmid) && !purge) {
    throw failed(
      `unable to remove CT ${vmid} - used in HA resources and purge parameter not set.`,
    );
  }
  if (cluster.replicated.has(vmid) && !purge) {
    throw failed(
      `There is a replication job '${vmid}-0' for guest '${vmid}' - Please remove that first.`,
    );
  }
  const spec = { node, type: "vzdestroy", id: `${vmid}`, who };
  return startTask(cluster, spec, async (task) => {
    const { signal, log } = task;
    await withLock(cluster, vmid, { signal, log }, async () => {
      const ct = findCt(cluster, node, vmid);
      checkDestroy(ct, force);
      if (ct.status === "running") {
        task.log(`forced to stop CT ${vmid} before destroying!`);
        await halt(cluster, ct, task);
      }
      checkDisks(ct.config);
      ct.config["lock"] = "destroyed";
      await task.sleep(cluster.timings.destroyMs);
      if (purge) {
        task.log(`purging CT ${vmid} from related configurations..`);
        cluster.managed.delete(vmid);
        cluster.replicated.delete(vmid);
      }
      await ct.guest?.remove?.();
      remove(cluster, ct, params["destroy-unreferenced-disks"] === "1");
    });
  });
}

function checkDestroy(ct: Ct, force: boolean): void {
  if (ct.config["protection"] === "1") {
    throw failed(`can't remove CT ${ct.vmid} - protection mode enabled`);
  }
  checkUnlocked(ct);
  if (!force && ct.status === "running") {
    throw failed(`unable to destroy CT ${ct.vmid} - container is running`);
  }
}

/** Takes a container and what belongs to it out of the cluster. */
function remove(cluster: Cluster, ct: Ct, unreferenced: boolean): void {
  const configs = [ct.config, ct.pending, ...ct.snapshots.map(({ config }) => config)];
  const own = configs.flatMap(mountsOf).map(([, mount]) => mount["volume"] ?? "")
    .concat(
      Object.keys(ct.config).filter((key) => /^unused\d+$/.test(key))
        .map((key) => ct.config[key] ?? ""),
    )
    .filter((volume) => !isHostPath(volume));
  const others = unreferenced
    ? cluster.volumes.filter((volume) => volume.vmid === ct.vmid).map(({ volid }) => volid)
    : [];
  free(cluster, ct.node, [...own, ...others]);
  for (const net of netsOf(ct.config)) cluster.leases.delete(net["hwaddr"]?.toLowerCase() ?? "");
  cluster.acls = cluster.acls.filter((acl) => acl.path !== `/vms/${ct.vmid}`);
  cluster.cts.delete(ct.vmid);
}
