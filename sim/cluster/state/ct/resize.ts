import { check } from "../access.ts";
import type { Cluster, Ct, Volume } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkUnlocked, digestOf, findCt, parseSize, printSize } from "./ct.ts";
import { LARGEST_FILE } from "./disks.ts";
import { failed, PveError } from "../error.ts";
import { withLock } from "./locks.ts";
import { MOUNT, parseProperty, printProperty, type Property } from "../property.ts";
import { findVolume, parseVolid, volumePath } from "../storage.ts";
import { startTask } from "../tasks.ts";

/** A volume and the size that it shall have, in bytes. */
interface Growth {
  readonly ct: Ct;
  readonly mount: Property;
  readonly volume: Volume;
  readonly bytes: number;
}

/** Grows a volume of a container in a task; returns the UPID. */
export async function resizeCt(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  { disk, size, digest }: { disk: string; size: string; digest?: string | undefined },
): Promise<string> {
  const look = (): Growth => {
    const ct = findCt(cluster, node, vmid);
    checkUnlocked(ct);
    if (digest !== undefined && digest !== digestOf(ct)) {
      throw failed("detected modified configuration - file changed by other user? Try again.");
    }
    const text = ct.config[disk];
    if (text === undefined) {
      const missing = "property is missing and it is not optional";
      throw new PveError(500, "format error", { volume: missing, mp: missing });
    }
    const mount = parseProperty(text, MOUNT);
    const volid = mount["volume"] ?? "";
    check(cluster, who, `/storage/${parseVolid(volid).storage}`, ["Datastore.AllocateSpace"]);
    const volume = findVolume(cluster, node, volid);
    if (!volume) throw failed(`volume '${volid}' does not exist`);
    const more = parseSize(size.replace("+", ""));
    const bytes = Math.trunc(size.startsWith("+") ? volume.size + more : more);
    if (bytes < volume.size) throw failed("unable to shrink disk size");
    if (bytes === volume.size) throw failed("disk is already at specified size");
    return { ct, mount, volume, bytes };
  };
  look();
  await Promise.resolve();
  return startTask(cluster, { node, type: "resize", id: `${vmid}`, who }, async (task) => {
    const { signal, log } = task;
    await withLock(cluster, vmid, { signal, log }, async () => {
      const { ct, mount, volume, bytes } = look();
      checkGrows(cluster, volume, bytes, log);
      await task.sleep(cluster.timings.otherMs);
      volume.size = bytes;
      ct.config[disk] = printProperty({ ...mount, size: printSize(bytes) }, MOUNT);
      task.log("Image resized.");
    });
  });
}

/** Refuses what the storage cannot grow, in the words of what it calls. */
function checkGrows(
  cluster: Cluster,
  { volid, format, storage: id }: Volume,
  bytes: number,
  log: (line: string) => void,
): void {
  const storage = cluster.storages.get(id);
  if (format === "subvol") {
    throw failed(
      storage?.type === "btrfs"
        ? "cannot resize subvolume - btrfs quotas are currently not supported"
        : "can't resize this image format",
    );
  }
  if (storage?.path === undefined || bytes <= LARGEST_FILE) return;
  log("qemu-img: Could not resize file: File too large");
  const path = volumePath(storage, parseVolid(volid).name);
  throw failed(
    `command '/usr/bin/qemu-img resize '--preallocation=off' -f raw ${path} ${bytes}' failed: exit code 1`,
  );
}
