import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import { type Context, interruptible } from "../app/context.ts";

/** `pxrun wait UPID` */
export function addWait(root: Root, context: GetContext): void {
  root.command("wait")
    .alias("resume")
    .summary("wait for a task that a run stopped waiting for")
    .description(
      "Wait for the end of a task of the cluster, such as that of a create that lost its " +
        "connection, and report its result. The task itself is not touched: Ctrl-C only ends the " +
        "wait.",
    )
    .argument("<upid>", "task ID (UPID:node:…) from an error, or from Proxmox")
    .addHelpText(
      "after",
      examples([
        ["pxrun wait UPID:pve01:00001234:…:vzcreate:105:root@pam:", "wait for that task"],
      ]),
    )
    .action((upid) => run(upid, context()));
}

async function run(upid: string, context: Context): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../app/cluster.ts");
  const { resumeEvents } = await import("../../operations/wait.ts");
  const { parseUpid } = await import("../../proxmox/api/upid.ts");
  const { print } = await import("../app/output.ts");
  const { showProgress } = await import("../app/progress.ts");
  parseUpid(upid);
  await interruptible(world, "the wait", async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    for await (const event of showProgress(resumeEvents(cluster, upid, { signal }), context)) {
      if (event.type !== "ended" || context.events) continue;
      const { next } = event.result;
      await print(context, { note: next && `${next}\n`, data: event.result });
    }
  });
}
