import { TaskFailed } from "../proxmox/http/errors.ts";
import { download } from "../proxmox/api/nodes/aplinfo.ts";
import { retryBusy } from "../proxmox/retry_busy.ts";
import { begin, cancel, finish } from "../proxmox/task.ts";
import type { ClusterModule } from "./context.ts";

/** A template of the appliance index is downloaded to a storage of the node. */
export interface DownloadTemplate {
  readonly kind: "download-template";
  readonly id: "download";
  readonly node: string;
  readonly storage: string;
  readonly file: string;
}

/**
 * A complete template stays when a later action fails: the next create needs it. A running download
 * is cancelled.
 */
export const downloadTemplate: ClusterModule<DownloadTemplate> = {
  describe: ({ node, storage, file }) => ({
    title: `download ${file}`,
    by: "API",
    call: `POST /nodes/${node}/aplinfo`,
    parameters: [`storage=${storage}`, `template=${file}`],
  }),
  run: ({ node, storage, file }, { cluster, undo, signal }) =>
    // A template that is already there and complete is not downloaded again.
    retryBusy(cluster.world.clock, async () => {
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
        return { warnings };
      } catch (error) {
        // There is nothing to stop any more.
        if (error instanceof TaskFailed) finished();
        throw error;
      }
    }, signal),
};
