import { messageOf } from "../../../../lib/core/errors.ts";
import type { Cluster, Ct } from "../cluster.ts";
import type { Who } from "../who.ts";
import { broadcast, checkUnlocked, findCt, isHostPath, mountsOf } from "./ct.ts";
import { checkDisks } from "./disks.ts";
import { failed, invalid } from "../error.ts";
import { strike } from "../faults.ts";
import { withLock } from "./locks.ts";
import { checkBridges, planLinks } from "./network.ts";
import { FEATURES, parseProperty } from "../property.ts";
import { newPid, startTask, type TaskRun } from "../tasks.ts";
import { warnAboutNesting } from "../template.ts";
import { activate, markStopped } from "./pending.ts";
import { isRoot } from "../who.ts";

type Params = Readonly<Record<string, string>>;
type Power = (cluster: Cluster, who: Who, node: string, vmid: number, params: Params) => string;

/** Starts a container; returns the UPID. A missing one fails in the task only. */
export const startCt: Power = (cluster, who, node, vmid, params) => {
  checkSkiplock(who, params);
  if (runs(cluster, node, vmid)) throw failed(`CT ${vmid} already running`);
  return locked(cluster, { who, node, vmid, type: "vzstart" }, async (ct, task) => {
    if (params["skiplock"] !== "1" && ct.config["lock"] !== "mounted") checkUnlocked(ct);
    await boot(cluster, ct, task);
  });
};

/** Stops a container at once; returns the UPID. */
export const stopCt: Power = (cluster, who, node, vmid, params) => {
  checkSkiplock(who, params);
  mustRun(cluster, node, vmid, "CT");
  return locked(cluster, { who, node, vmid, type: "vzstop" }, async (ct, task) => {
    if (params["skiplock"] !== "1") checkUnlocked(ct);
    await halt(cluster, ct, task);
  });
};

/** Shuts a container down; returns the UPID. */
export const shutdownCt: Power = (cluster, who, node, vmid) => {
  mustRun(cluster, node, vmid, "CT");
  return locked(cluster, { who, node, vmid, type: "vzshutdown" }, async (ct, task) => {
    checkUnlocked(ct);
    await halt(cluster, ct, task);
  });
};

/** Stops and starts a container; returns the UPID. */
export const rebootCt: Power = (cluster, who, node, vmid) => {
  mustRun(cluster, node, vmid, "VM");
  return locked(cluster, { who, node, vmid, type: "vzreboot" }, async (ct, task) => {
    await halt(cluster, ct, task);
    await boot(cluster, ct, task);
  });
};

/** Fails in the task, as on every node without criu. */
export const suspendCt: Power = (cluster, who, node, vmid) => {
  mustRun(cluster, node, vmid, "CT");
  return locked(cluster, { who, node, vmid, type: "vzsuspend" }, (ct, task) => {
    checkUnlocked(ct);
    checkpoint(vmid, task, "-s");
  });
};

/** Fails in the task, as on every node without criu. */
export const resumeCt: Power = (cluster, who, node, vmid) => {
  if (runs(cluster, node, vmid)) throw failed(`CT ${vmid} already running`);
  return locked(cluster, { who, node, vmid, type: "vzresume" }, (_ct, task) => {
    checkpoint(vmid, task, "-r --foreground");
  });
};

function checkpoint(vmid: number, task: TaskRun, flags: string): never {
  task.log(`lxc-checkpoint: ${vmid}: criu_version_ok: execing criu failed, is it installed?`);
  throw failed(
    `command 'lxc-checkpoint -n ${vmid} ${flags} -D /var/lib/vz/dump' failed: exit code 1`,
  );
}

function locked(
  cluster: Cluster,
  { who, node, vmid, type }: { who: Who; node: string; vmid: number; type: string },
  body: (ct: Ct, task: TaskRun) => Promise<void> | void,
): string {
  return startTask(cluster, { node, type, id: `${vmid}`, who }, async (task) => {
    const { signal, log } = task;
    await withLock(cluster, vmid, { signal, log }, () => body(findCt(cluster, node, vmid), task));
  });
}

function checkSkiplock(who: Who, params: Params): void {
  if (params["skiplock"] === "1" && !isRoot(who)) {
    throw invalid({ skiplock: "Only root may use this option." });
  }
}

function runs(cluster: Cluster, node: string, vmid: number): boolean {
  const ct = cluster.cts.get(vmid);
  return ct?.node === node && ct.status === "running";
}

function mustRun(cluster: Cluster, node: string, vmid: number, kind: "CT" | "VM"): void {
  if (!runs(cluster, node, vmid)) throw failed(`${kind} ${vmid} not running`);
}

async function boot(cluster: Cluster, ct: Ct, task: TaskRun): Promise<void> {
  const node = cluster.nodes.get(ct.node);
  if (!node) throw failed(`node '${ct.node}' is gone`);
  if (ct.config["template"] === "1") throw failed("you can't start a CT if it's a template");
  activate(cluster, ct);
  checkDisks(ct.config);
  checkBridges(node, ct.config);
  const missing = mountsOf(ct.config).map(([, mount]) => mount["volume"] ?? "")
    .find((volume) => isHostPath(volume) && !node.pathExists(volume));
  const twoFuses = parseProperty(ct.config["features"] ?? "", FEATURES)["fuse"] === "1" &&
    Object.entries(ct.config).some(([key, value]) =>
      /^dev\d+$/.test(key) && value.startsWith("/dev/fuse")
    );
  await task.sleep(cluster.timings.startMs);
  const cannotStart = (...why: readonly string[]): never => {
    for (const line of why) task.log(`lxc-start: ${ct.vmid}: ${line}`);
    task.log(`lxc-start: ${ct.vmid}: Failed to initialize container "${ct.vmid}"`);
    throw failed(`startup for container '${ct.vmid}' failed`);
  };
  const entrypoint = ct.config["entrypoint"]?.split(" ")[0];
  const own = entrypoint !== undefined && entrypoint !== "/sbin/init";
  if (own && ct.guest && !await ct.guest.read(entrypoint)) {
    cannotStart(`Failed to exec "${entrypoint}": No such file or directory`);
  }
  if (missing !== undefined || twoFuses) {
    const why = missing === undefined
      ? "mknod /dev/fuse: File exists"
      : `${missing}: No such file or directory`;
    cannotStart(`Script exited with status 2: ${why}`);
  }
  await ct.guest?.start?.().catch((error) => cannotStart(...messageOf(error).split("\n")));
  warnAboutNesting(ct, task);
  ct.status = "running";
  ct.startedAt = cluster.clock.now();
  ct.pid = newPid(cluster);
  ct.links = planLinks(cluster, node, ct, ct.startedAt);
  broadcast(cluster, ct);
  const dies = strike(cluster, "init-dies", { node: ct.node, path: `/lxc/${ct.vmid}` });
  if (dies !== undefined) void die(cluster, ct, dies.ms ?? 0).catch(() => {});
}

/** The end of an init that nothing has stopped. */
async function die(cluster: Cluster, ct: Ct, ms: number): Promise<void> {
  const { startedAt } = ct;
  await cluster.clock.sleep(ms, cluster.closing.signal);
  if (cluster.cts.get(ct.vmid) !== ct || ct.startedAt !== startedAt) return;
  await ct.guest?.stop();
  markStopped(cluster, ct);
}

/** Ends what runs inside; the container is stopped when this resolves. */
export async function halt(cluster: Cluster, ct: Ct, task: Pick<TaskRun, "sleep">): Promise<void> {
  await task.sleep(cluster.timings.stopMs);
  await ct.guest?.stop();
  markStopped(cluster, ct);
}
