import { download } from "../proxmox/api/nodes/aplinfo.ts";
import { retryBusy } from "../proxmox/retry_busy.ts";
import { startTask } from "../proxmox/task.ts";
import { type ClusterModule, waitOrUndo } from "./context.ts";

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
  run: ({ node, storage, file }, context) => {
    const { cluster, signal } = context;
    // A template that is already there and complete is not downloaded again.
    return retryBusy(cluster.platform.clock, async () => {
      signal?.throwIfAborted();
      const task = await startTask(
        cluster,
        { node, type: "download", id: file },
        (rest) => download(rest, node, storage, file),
      );
      const byHand = `on the node: pvesh delete /nodes/${node}/tasks/${task.upid}`;
      return {
        done: `downloaded ${file}`,
        warnings: await waitOrUndo(task, context, `stop the download of ${file}`, { byHand }),
      };
    }, signal);
  },
};
