import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun cleanup` */
export function addCleanup(root: Root, context: GetContext): void {
  documented(root.command("cleanup"), {
    summary: "remove leftovers of runs that were cut off",
    description: "Remove leftovers of killed runs: containers whose create was not finished " +
      "(tag pxrun-creating), and API tokens of logins by SSH alone. Only those whose run has " +
      "ended on this machine, or started too long ago on another one, and expired tokens.",
    examples: [
      ["pxrun cleanup --dry-run", "print the leftovers"],
      ["pxrun cleanup --yes", "remove them without asking"],
    ],
  })
    .option("--all", "also tokens that a run on another machine may be using")
    .option("-y, --yes", "do not ask (required without a terminal)")
    .option("--dry-run", "only print the leftovers")
    .action(async (flags) => await (await import("./run_cleanup.ts")).runCleanup(flags, context()));
}
