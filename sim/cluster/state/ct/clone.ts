import { messageOf } from "../../../../lib/core/errors.ts";
import { check } from "../access.ts";
import type { Cluster, Ct } from "../cluster.ts";
import type { Who } from "../who.ts";
import { newCt } from "./ct.ts";
import {
  broadcast,
  checkUnlocked,
  checkVmidUnused,
  findCt,
  isHostPath,
  isMount,
  mountsOf,
  nameOf,
} from "./ct.ts";
import { allocate, diskOption } from "./disks.ts";
import { failed } from "../error.ts";
import { withLock } from "./locks.ts";
import { surroundings } from "./network.ts";
import { findStorage, findVolume, free, parseVolid } from "../storage.ts";
import { startTask, type TaskRun } from "../tasks.ts";

/** Copies a container in a task; returns the UPID. The copy begins with the template's files. */
export function cloneCt(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  params: Readonly<Record<string, string>>,
): string {
  const source = findCt(cluster, node, vmid);
  const newid = Number(params["newid"]);
  const target = params["target"] ?? node;
  if (!cluster.nodes.has(target)) throw failed(`no such cluster node '${target}'`);
  check(cluster, who, params["pool"] ? `/pool/${params["pool"]}` : `/vms/${newid}`, [
    "VM.Allocate",
  ]);
  const snapshot = params["snapname"];
  const config = snapshot === undefined
    ? source.config
    : source.snapshots.find(({ name }) => name === snapshot)?.config;
  if (!config) throw failed(`snapshot '${snapshot}' does not exist`);
  for (const [key, { volume = "" }] of mountsOf(config)) {
    if (isHostPath(volume)) throw failed(`unable to clone mountpoint '${key}' (type bind)`);
    const id = params["storage"] ?? parseVolid(volume).storage;
    findStorage(cluster, target, id);
    check(cluster, who, `/storage/${id}`, ["Datastore.AllocateSpace"]);
  }
  checkUnlocked(source);
  if (source.status === "running" && snapshot === undefined) {
    throw failed("Full clone of a running container is only possible from a snapshot");
  }
  checkVmidUnused(cluster, newid);
  const ct = newCt(cluster, target, newid, source.template, { lock: "create" });
  const copy = { ...config, hostname: params["hostname"] ?? `Copy-of-CT-${nameOf(source)}` };
  const spec = { node, type: "vzclone", id: `${vmid}`, who };
  return startTask(cluster, spec, async (task) => {
    task.log(`creating a clone of container ${vmid} with ID ${newid}`);
    await withLock(
      cluster,
      newid,
      { signal: task.signal },
      () => fill(cluster, ct, task, copy, { storage: params["storage"], from: node }),
    );
    ct.pool = params["pool"];
  });
}

async function fill(
  cluster: Cluster,
  ct: Ct,
  task: TaskRun,
  config: Record<string, string>,
  { storage, from }: { storage: string | undefined; from: string },
): Promise<void> {
  const made: string[] = [];
  try {
    const disks: Record<string, string> = {};
    for (const [key, mount] of mountsOf(config)) {
      const old = findVolume(cluster, from, mount["volume"] ?? "");
      if (!old) throw failed(`volume '${mount["volume"]}' does not exist`);
      task.log(`create full clone of mountpoint ${key} (${old.volid})`);
      const { node, vmid } = ct;
      const disk = { node, vmid, storage: storage ?? old.storage, bytes: old.size };
      const volume = allocate(cluster, disk, task.log);
      made.push(volume.volid);
      volume.used = old.used;
      disks[key] = diskOption(volume, mount);
    }
    await task.sleep(cluster.timings.createMs);
    ct.guest = await cluster.makeGuest(ct.template, surroundings(cluster, ct));
    const rest = Object.entries(config)
      .filter(([key]) => !isMount(key) && key !== "parent" && key !== "lock");
    ct.config = { ...Object.fromEntries(rest), ...disks };
    broadcast(cluster, ct);
  } catch (error) {
    free(cluster, ct.node, made);
    cluster.cts.delete(ct.vmid);
    throw failed(`clone failed: ${messageOf(error)}`);
  }
}
