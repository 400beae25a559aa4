import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { QUIET, selected } from "../../app/selectors.ts";

/** `pxrun destroy CT…` */
export function addDestroy(root: Root, context: GetContext): void {
  selected(documented(root.command("destroy").alias("rm"), {
    summary: "remove containers and their disks, running or not",
    description:
      "Destroy containers with their disks. Name them by VMID or hostname (all digits is always " +
      "a VMID), or select them with --tag, --node, --status and --all-failed.",
    examples: [
      ["pxrun destroy web-1", "show the plan, ask, destroy"],
      ["pxrun destroy 105 106 --yes", "destroy both without asking"],
      ["pxrun destroy --tag dev --status stopped --dry-run", "print which ones would be destroyed"],
    ],
  }))
    .option("--all-failed", "select those whose provisioning failed (tag pxrun-failed)")
    .option("--force", "lift the protection of a protected container first")
    .option("--purge", "also remove it from backup jobs, replication and high availability")
    .option("--keep-tailscale-node", "keep its node in the tailnet")
    .option("--dry-run", "only print the plan")
    .option(...QUIET)
    .action(async (containers, options) =>
      await (await import("./run_destroy.ts")).runDestroy({ containers, ...options }, context())
    );
}
