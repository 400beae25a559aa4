import type { Cluster } from "../cluster.ts";
import type { Who } from "../who.ts";
import { checkUnlocked, findCt, parseSize, printSize } from "./ct.ts";
import { failed } from "../error.ts";
import { withLock } from "./locks.ts";
import { MOUNT, parseProperty, printProperty } from "../property.ts";
import { findVolume } from "../storage.ts";
import { startTask } from "../tasks.ts";

/** Grows a volume of a container in a task; returns the UPID. */
export async function resizeCt(
  cluster: Cluster,
  who: Who,
  node: string,
  vmid: number,
  { disk, size }: { disk: string; size: string },
): Promise<string> {
  return await withLock(cluster, vmid, { signal: cluster.closing.signal }, () => {
    const ct = findCt(cluster, node, vmid);
    checkUnlocked(ct);
    const mount = parseProperty(ct.config[disk] ?? "", MOUNT);
    const volume = findVolume(cluster, node, mount["volume"] ?? "");
    if (!volume) throw failed(`there is no disk '${disk}' in CT ${vmid}`);
    const more = parseSize(size.replace("+", ""));
    const bytes = size.startsWith("+") ? volume.size + more : more;
    if (bytes < volume.size) throw failed("unable to shrink disk size");
    return startTask(cluster, { node, type: "resize", id: `${vmid}`, who }, async (task) => {
      if (bytes === volume.size) return;
      await task.sleep(cluster.timings.otherMs);
      volume.size = bytes;
      ct.config[disk] = printProperty({ ...mount, size: printSize(bytes) }, MOUNT);
      task.log("Image resized.");
    });
  });
}
