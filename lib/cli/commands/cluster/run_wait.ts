import { adviceText } from "../../../render/remedy.ts";
import { waitTaskEvents } from "../../../operations/wait.ts";
import { parseUpid } from "../../../proxmox/api/upid.ts";
import { withCluster } from "../../app/cluster.ts";
import type { Context } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { showProgress } from "../../app/progress.ts";

/** Waits for a task, and prints how it ended. */
export async function runWait(upid: string, context: Context): Promise<void> {
  parseUpid(upid);
  await withCluster(context, "the wait", async (cluster, signal) => {
    for await (const event of showProgress(waitTaskEvents(cluster, upid, { signal }), context)) {
      if (event.type !== "ended" || context.events) continue;
      const { next } = event.result;
      await print(context, {
        note: next && `${adviceText({ hint: next.message, remedies: next.remedies })}\n`,
        data: event.result,
      });
    }
  });
}
