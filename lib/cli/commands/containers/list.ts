import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { filters, QUIET } from "../../app/selectors.ts";
import { Option } from "../../../../deps/commander.ts";

const COLUMNS = [
  "vmid",
  "name",
  "node",
  "status",
  "cores",
  "memory",
  "disk",
  "uptime",
  "tags",
] as const;

/** `pxrun list` */
export function addList(root: Root, context: GetContext): void {
  filters(documented(root.command("list").alias("ls"), {
    summary: "list the containers of the cluster",
    description:
      "List the containers that the login may see. Templates are listed only without --tag, " +
      "--node and --status: these select containers.",
    examples: [
      ["pxrun list --ips", "with the addresses"],
      ["pxrun list --tag dev --status running", "running ones with a tag"],
      ["pxrun list --sort memory", "who uses most of it first"],
      ["pxrun list -q --tag dev | xargs pxrun destroy --dry-run", "for other commands"],
      ["pxrun list --json", "everything, as data"],
    ],
  }))
    .option("--ips", "show their addresses, too (one more call per running container)")
    .addOption(
      new Option("--sort <column>", "sort by a column, the largest figures first")
        .choices(COLUMNS).default("vmid" as const),
    )
    .option(...QUIET)
    .option("--watch", "refresh the list every two seconds until Ctrl-C")
    .action(async (flags) => await (await import("./run_list.ts")).runList(flags, context()));
}
