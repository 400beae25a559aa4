import { collect } from "../../app/context.ts";
import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun tailscale nodes|key` */
export function addTailscale(root: Root, context: GetContext): void {
  const group = documented(root.command("tailscale"), {
    summary: "show the tailnet, create keys to join it",
    description:
      "Ask Tailscale's API about the tailnet, with the key in TAILSCALE_API_KEY or the setting " +
      "tailscale.api_key. No cluster is needed.",
    examples: [["pxrun tailscale nodes", "list the nodes of the tailnet"]],
  });
  documented(group.command("nodes"), {
    summary: "list the nodes of the tailnet",
    description: "List the nodes of the tailnet, by name.",
    examples: [["pxrun tailscale nodes --json", "everything, as data"]],
  }).action(async () => await (await import("./run_tailscale.ts")).nodes(context()));
  documented(group.command("key"), {
    summary: "create a key to join with",
    description:
      "Create a key that lets one node join within an hour, and print it on standard output.",
    examples: [["pxrun tailscale key --ephemeral --tag tag:ci", "for a short-lived node"]],
  })
    .option("--ephemeral", "remove the node from the tailnet when it goes offline")
    .option("--tag <tag>", "tag of the node, repeatable (default: tailscale.tags)", collect)
    .action(async (flags) => await (await import("./run_tailscale.ts")).key(flags, context()));
}
