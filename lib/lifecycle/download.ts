import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { download } from "../proxmox/nodes_aplinfo.ts";
import type { CreatePlan } from "./plan.ts";
import type { StepOutcome } from "./step.ts";
import { begin, cancel, finish } from "./tasks.ts";
import type { Undo } from "./undo.ts";

/**
 * Downloads the template of a plan. A complete template stays when the create
 * fails later: it is what the next one needs. A running download is cancelled.
 */
export async function downloadTemplate(
  cluster: Cluster,
  plan: CreatePlan,
  undo: Undo,
  signal: AbortSignal | undefined,
): Promise<StepOutcome<void>> {
  const { node, template } = plan.placement;
  if (template.download === undefined) {
    throw new PxrunError("FAILED", `nothing to download for ${template.volid}`);
  }
  const { storage, file } = template.download;
  signal?.throwIfAborted();
  const upid = await begin(
    cluster,
    { node, type: "download" },
    (rest) => download(rest, node, storage, file),
  );
  const finished = undo.add(`stop the download of ${file}`, async (patience) => {
    await cancel(cluster, upid, patience);
  });
  const warnings = await finish(cluster, upid, signal);
  finished();
  return { value: undefined, warnings };
}
