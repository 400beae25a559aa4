import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun wait UPID` */
export function addWait(root: Root, context: GetContext): void {
  documented(root.command("wait").alias("resume"), {
    summary: "wait for a task that a run stopped waiting for",
    description:
      "Wait for the end of a task of the cluster, such as that of a create that lost its " +
      "connection, and report its result. The task itself is not touched: Ctrl-C only ends the " +
      "wait.",
    examples: [["pxrun wait UPID:pve01:00001234:…:vzcreate:105:root@pam:", "wait for that task"]],
  })
    .argument("<upid>", "task ID (UPID:node:…) from an error, or from Proxmox")
    .action(async (upid) => await (await import("./run_wait.ts")).runWait(upid, context()));
}
