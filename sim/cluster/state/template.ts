import { check } from "./access.ts";
import type { Appliance, Cluster, Ct } from "./cluster.ts";
import type { Who } from "./who.ts";
import { failed, invalid } from "./error.ts";
import { FEATURES, parseProperty } from "./property.ts";
import { findStorage, findVolume, free, parseVolid, usageOf, volumePath } from "./storage.ts";
import { startTask, type TaskRun } from "./tasks.ts";
import { seconds } from "./time.ts";

const MIRROR = "http://download.proxmox.com/images";

/** The systemd of each template that has one. */
const SYSTEMD: readonly (readonly [RegExp, number])[] = [
  [/^debian-11/, 247],
  [/^debian-12/, 252],
  [/^debian-13/, 257],
  [/^ubuntu-22/, 249],
  [/^ubuntu/, 255],
];

/** Warns, as Proxmox does, when a recent systemd gets no nesting. */
export function warnAboutNesting(ct: Ct, task: Pick<TaskRun, "warn">): void {
  const version = SYSTEMD.find(([name]) => name.test(ct.template))?.[1] ?? 0;
  const nesting = parseProperty(ct.config["features"] ?? "", FEATURES)["nesting"] === "1";
  if (version > 247 && !nesting) {
    task.warn(`Systemd ${version} detected. You may need to enable nesting.`);
  }
}

/** The format that /content reports for an archive. */
export function archiveFormat(name: string): string {
  return { zst: "tzst", xz: "txz", gz: "tgz" }[name.split(".").at(-1) ?? ""] ?? "tar";
}

/** One line of the index as GET …/aplinfo shows it. */
export function applianceView(appliance: Appliance): Record<string, unknown> {
  const { template, package: name, size: _size, ...rest } = appliance;
  return {
    ...rest,
    package: name,
    template,
    type: "lxc",
    location: `${MIRROR}/system/${template}`,
    source: MIRROR,
    infopage: "https://pve.proxmox.com/wiki/Linux_Container#pct_supported_distributions",
    description: `${appliance.headline}.`,
    maintainer: "Proxmox Support Team <support@proxmox.com>",
    md5sum: "0".repeat(32),
    sha512sum: "0".repeat(128),
  };
}

/** Downloads a template of the index onto a storage; returns the UPID. */
export function downloadTemplate(
  cluster: Cluster,
  who: Who,
  node: string,
  { storage: id, template }: { storage: string; template: string },
): string {
  check(cluster, who, `/storage/${id}`, ["Datastore.AllocateTemplate"]);
  const appliance = cluster.appliances.find((line) => line.template === template);
  if (!appliance) throw invalid({ template: "no such template" });
  const storage = findStorage(cluster, node, id);
  if (!storage.content.includes("vztmpl")) {
    throw failed(`storage '${id}' does not support templates`);
  }
  const volid = `${id}:vztmpl/${template}`;
  const url = `${MIRROR}/system/${template}`;
  const path = volumePath(storage, `vztmpl/${template}`);
  return startTask(cluster, { node, type: "download", id: template, who }, async (task) => {
    task.log(`downloading ${url} to ${path}`);
    if (findVolume(cluster, node, volid)) {
      task.log(
        "calculating checksum of existing file...OK, got correct file already, no need to download",
      );
      return;
    }
    task.log("Resolving download.proxmox.com (download.proxmox.com)... 127.0.0.1");
    if (appliance.size === 0) {
      throw failed("download failed: wget: unable to resolve host address 'download.proxmox.com'");
    }
    await task.sleep(cluster.timings.downloadMs);
    if (usageOf(cluster, node, storage).avail < appliance.size) {
      throw failed(`download failed: ${path}.tmp_dwnl.1: No space left on device`);
    }
    cluster.volumes.push({
      volid,
      storage: id,
      ...(storage.shared ? {} : { node }),
      content: "vztmpl",
      format: archiveFormat(template),
      size: appliance.size,
      used: appliance.size,
      ctime: seconds(cluster),
    });
    task.log("calculating checksum...OK, checksum verified");
    task.log(`download of '${url}' to '${path}' finished`);
  });
}

/** Deletes a volume in a task; returns the UPID. A missing one is no error. */
export function deleteVolume(cluster: Cluster, who: Who, node: string, volid: string): string {
  const { storage } = parseVolid(volid);
  findStorage(cluster, node, storage);
  check(cluster, who, `/storage/${storage}`, ["Datastore.Allocate"]);
  return startTask(cluster, { node, type: "imgdel", id: storage, who }, async (task) => {
    await task.sleep(cluster.timings.otherMs);
    free(cluster, node, [volid]);
    task.log(`Removed volume '${volid}'`);
  });
}
