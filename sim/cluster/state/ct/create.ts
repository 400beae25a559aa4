import { messageOf } from "../../../../lib/core/errors.ts";
import { check, may } from "../access.ts";
import { checkChange } from "./change.ts";
import type { Cluster } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkHost, normalised } from "./config_text.ts";
import { fillCt } from "./create_task.ts";
import { broadcast, checkVmidUnused, isHostPath, isMount, mountsOf, newCt } from "./ct.ts";
import { failed, forbidden, invalid } from "../error.ts";
import { strike } from "../faults.ts";
import { startCt } from "./power.ts";
import { checkVolumeAccess, findStorage, newVolume, parseVolid } from "../storage.ts";
import { startTask } from "../tasks.ts";
import { pause } from "../time.ts";

/** Parameters of the create that are no options of the container. */
const NOT_CONFIG = new Set(
  ("vmid ostemplate password ssh-public-keys pool storage force restore unique start " +
    "ignore-unpack-errors bwlimit ha-managed unprivileged").split(" "),
);

/**
 * Makes a container from a template: checks everything, takes the vmid, and
 * leaves the rest to a task.
 *
 * @param params As the API takes them, already checked against its schema.
 * @returns The UPID of the task.
 */
export async function createCt(
  cluster: Cluster,
  who: Who,
  node: string,
  params: Readonly<Record<string, string>>,
): Promise<string> {
  const vmid = Number(params["vmid"]);
  const template = params["ostemplate"] ?? "";
  const pool = params["pool"];
  const unprivileged = params["unprivileged"] !== "0";
  const config = Object.fromEntries(Object.entries(params).filter(([key]) => !NOT_CONFIG.has(key)));

  if (params["restore"] === "1") throw failed("the simulator has no backups to restore");
  if (!unprivileged) check(cluster, who, "/", ["Sys.Modify"]);
  if (strike(cluster, "vmid-taken", { node })) takeVmid(cluster, node, vmid);
  checkVmidUnused(cluster, vmid);
  checkSshKeys(params["ssh-public-keys"]);
  if (pool !== undefined && !cluster.pools.has(pool)) {
    throw forbidden(`pool '${pool}' does not exist`);
  }
  if (
    !may(cluster, who, `/vms/${vmid}`, ["VM.Allocate"]) &&
    !(pool !== undefined && may(cluster, who, `/pool/${pool}`, ["VM.Allocate"]))
  ) throw forbidden();
  checkChange(cluster, who, { vmid, pool, old: {}, set: config, remove: [], unprivileged });
  checkVolumeAccess(cluster, who, undefined, template);
  const storage = params["storage"] ?? "local";
  const wanted = wantedDisks(config, storage);
  checkStorages(cluster, who, node, wanted, storage);
  checkHost(cluster, node, config);

  await pause(cluster, cluster.timings.raceMs);
  try {
    checkVmidUnused(cluster, vmid);
  } catch (error) {
    throw failed(`unable to create CT ${vmid} - ${messageOf(error)}`);
  }
  const ct = newCt(cluster, node, vmid, template, { lock: "create" });
  // A node that looks meanwhile tells what an empty configuration stands for: CT101, stopped.
  broadcast(cluster, ct);
  return startTask(cluster, { node, type: "vzcreate", id: `${vmid}`, who }, async (task) => {
    await fillCt(cluster, ct, task, {
      template,
      disks: wanted,
      config: {
        ...normalised(cluster, config),
        ...(unprivileged ? { unprivileged: "1" } : {}),
      },
      sshKeys: params["ssh-public-keys"],
      pool,
    });
    if (params["start"] === "1") await startCt(cluster, who, node, vmid, {});
  });
}

/** Somebody else is faster, and gets the vmid. */
function takeVmid(cluster: Cluster, node: string, vmid: number): void {
  const config = { arch: "amd64", hostname: "somebody-else", memory: "512", ostype: "debian" };
  broadcast(cluster, newCt(cluster, node, vmid, "", config));
}

function checkSshKeys(keys: string | undefined): void {
  const key = /^(?:[^#]*\s)?(ssh-|ecdsa-|sk-)[\w@.-]+\s+AAAA[A-Za-z0-9+/=]+(\s.*)?$/;
  const lines = (keys ?? "").split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.some((line) => !key.test(line))) throw failed("SSH public key validation error");
}

/** rootfs and mount points; a rootfs that nobody named has 4 GiB. */
function wantedDisks(
  config: Readonly<Record<string, string>>,
  storage: string,
): Record<string, string> {
  const disks = Object.fromEntries(Object.entries(config).filter(([key]) => isMount(key)));
  if (Object.keys(disks).length === 0) return { rootfs: `${storage}:4` };
  if (disks["rootfs"] === undefined) {
    throw failed("mount points configured, but 'rootfs' not set - aborting");
  }
  const placed = (value: string) => /^[\d.]+(,|$)/.test(value) ? `${storage}:${value}` : value;
  return Object.fromEntries(Object.entries(disks).map(([key, value]) => [key, placed(value)]));
}

function checkStorages(
  cluster: Cluster,
  who: Who,
  node: string,
  disks: Readonly<Record<string, string>>,
  fallback: string,
): void {
  const volumes = mountsOf(disks).map(([, mount]) => mount["volume"] ?? "");
  const named = volumes.filter((volume) => !isHostPath(volume))
    .map((volume) => newVolume(volume)?.storage ?? parseVolid(volume).storage);
  for (const id of named.length > 0 ? named : [fallback]) {
    if (!findStorage(cluster, node, id).content.includes("rootdir")) {
      throw invalid({ storage: `storage '${id}' does not support container directories` });
    }
    check(cluster, who, `/storage/${id}`, ["Datastore.AllocateSpace"]);
  }
}
