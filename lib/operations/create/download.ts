import { PxrunError } from "../../core/errors.ts";
import { TaskFailed } from "../../proxmox/http/errors.ts";
import { download } from "../../proxmox/api/nodes/aplinfo.ts";
import { retryBusy } from "../../proxmox/retry_busy.ts";
import type { StepOutcome } from "../../run/step.ts";
import { begin, cancel, finish } from "../../proxmox/task.ts";
import type { Creating } from "./creating.ts";

/**
 * Downloads the template of a plan. A complete template stays when the create
 * fails later: it is what the next one needs. A running download is cancelled.
 */
export async function downloadTemplate(
  { cluster, plan, undo, signal }: Creating,
): Promise<StepOutcome<void>> {
  const { node, template } = plan.placement;
  if (template.download === undefined) {
    throw new PxrunError("FAILED", `nothing to download for ${template.volid}`);
  }
  const { storage, file } = template.download;
  // One that is there already and whole is not loaded again.
  return await retryBusy(cluster.world.clock, async () => {
    signal?.throwIfAborted();
    const upid = await begin(
      cluster,
      { node, type: "download", id: file },
      (rest) => download(rest, node, storage, file),
    );
    const finished = undo.add(`stop the download of ${file}`, async (patience) => {
      await cancel(cluster, upid, patience);
    }, { byHand: `on the node: pvesh delete /nodes/${node}/tasks/${upid}` });
    try {
      const warnings = await finish(cluster, upid, signal);
      finished();
      return { value: undefined, warnings };
    } catch (error) {
      // There is nothing to stop any more.
      if (error instanceof TaskFailed) finished();
      throw error;
    }
  }, signal);
}
