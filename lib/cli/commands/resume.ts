import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";

/** `pxrun resume UPID` */
export function addResume(root: Root, context: GetContext): void {
  root.command("resume")
    .summary("wait again for a task that a run gave up waiting for")
    .description(
      "Waits for the end of a task of the cluster, of a create that lost its connection for " +
        "example, and says how it ended. The task itself is not touched: Ctrl-C only ends the wait.",
    )
    .argument("<upid>", "the task: UPID:node:…, as the error said it, or as Proxmox shows it")
    .action((upid) => run(upid, context()));
}

async function run(upid: string, context: Context): Promise<void> {
  const { world, format } = context;
  const { connectCluster } = await import("../cluster.ts");
  const { resumeEvents } = await import("../../lifecycle/resume.ts");
  const { parseUpid } = await import("../../proxmox/upid.ts");
  const { printData } = await import("../output.ts");
  const { showProgress } = await import("../progress.ts");
  parseUpid(upid);
  await interruptible(world, "the wait", async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    for await (const event of showProgress(resumeEvents(cluster, upid, { signal }), context)) {
      if (event.type !== "ended" || context.events) continue;
      const { next } = event.result;
      if (format !== "table") await printData(event.result, context);
      else if (next !== undefined) world.terminal.err(`${next}\n`);
    }
  });
}
