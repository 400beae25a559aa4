import type { Cluster, Ct } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkUnlocked, digestOf, findCt, isHostPath, mountsOf } from "./ct.ts";
import { failed } from "../error.ts";
import { withLock } from "./locks.ts";
import { halt } from "./power.ts";
import { parseVolid } from "../storage.ts";
import { startTask, type TaskRun } from "../tasks.ts";
import { seconds } from "../time.ts";

/** True if every volume of a container lies where snapshots can be made. */
export function canSnapshot(cluster: Cluster, ct: Ct): boolean {
  return mountsOf(ct.config).map(([, mount]) => mount["volume"] ?? "")
    .filter((volume) => !isHostPath(volume))
    .every((volume) => cluster.storages.get(parseVolid(volume).storage)?.snapshots === true);
}

/** The snapshots of a container, and what it is now as `current`. */
export function snapshotList(ct: Ct): Record<string, unknown>[] {
  const parent = ct.config["parent"];
  return [
    ...ct.snapshots.map(({ name, description, snaptime, parent }) => ({
      name,
      description,
      snaptime,
      ...(parent === undefined ? {} : { parent }),
    })),
    {
      name: "current",
      description: "You are here!",
      digest: digestOf(ct),
      running: Number(ct.status === "running"),
      ...(parent === undefined ? {} : { parent }),
    },
  ];
}

/** Makes a snapshot in a task; returns the UPID. */
export function makeSnapshot(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  { name, description = "" }: { name: string; description?: string | undefined },
): string {
  checkName(name);
  return onCt(cluster, { who, node, vmid, type: "vzsnapshot" }, async (ct, task) => {
    if (ct.snapshots.some((snapshot) => snapshot.name === name)) {
      throw failed(`snapshot name '${name}' already used`);
    }
    if (!canSnapshot(cluster, ct)) throw failed("snapshot feature is not available");
    await task.sleep(cluster.timings.otherMs);
    ct.snapshots.push({
      name,
      description: description === "" || description.endsWith("\n")
        ? description
        : `${description}\n`,
      snaptime: seconds(cluster),
      parent: ct.config["parent"],
      config: { ...ct.config },
    });
    ct.config["parent"] = name;
  });
}

/** Takes a container back to a snapshot in a task; returns the UPID. */
export function rollbackSnapshot(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  name: string,
): string {
  findCt(cluster, node, vmid);
  return onCt(cluster, { who, node, vmid, type: "vzrollback" }, async (ct, task) => {
    const snapshot = find(ct, name);
    if (ct.status === "running") await halt(cluster, ct, task);
    await task.sleep(cluster.timings.otherMs);
    ct.config = { ...snapshot.config, parent: name };
    // What was pending is dropped.
    Object.assign(ct, { pending: {}, deleting: new Set() });
  });
}

/** Deletes a snapshot in a task; returns the UPID. A missing one fails in the task only. */
export function deleteSnapshot(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  name: string,
): string {
  checkName(name);
  return onCt(cluster, { who, node, vmid, type: "vzdelsnapshot" }, async (ct, task) => {
    const gone = find(ct, name);
    await task.sleep(cluster.timings.otherMs);
    const newParent = (parent: string | undefined) => parent === name ? gone.parent : parent;
    ct.snapshots = ct.snapshots.filter((snapshot) => snapshot !== gone)
      .map((snapshot) => ({ ...snapshot, parent: newParent(snapshot.parent) }));
    if (ct.config["parent"] !== name) return;
    if (gone.parent === undefined) delete ct.config["parent"];
    else ct.config["parent"] = gone.parent;
  });
}

function checkName(name: string): void {
  if (name === "current" || name === "pending") {
    throw failed(`unable to use snapshot name '${name}' (reserved name)`);
  }
}

/** The snapshot of this name. */
function find(ct: Ct, name: string): Ct["snapshots"][number] {
  const snapshot = ct.snapshots.find((snapshot) => snapshot.name === name);
  if (!snapshot) throw failed(`snapshot '${name}' does not exist`);
  return snapshot;
}

function onCt(
  cluster: Cluster,
  { who, node, vmid, type }: { who: Who; node: string; vmid: number; type: string },
  body: (ct: Ct, task: TaskRun) => Promise<void>,
): string {
  return startTask(cluster, { node, type, id: `${vmid}`, who }, async (task) => {
    const { signal, log } = task;
    await withLock(cluster, vmid, { signal, log }, async () => {
      const ct = findCt(cluster, node, vmid);
      checkUnlocked(ct);
      await body(ct, task);
    });
  });
}
