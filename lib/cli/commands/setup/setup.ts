import type { GetContext, Root } from "../../app/root.ts";
import { documented } from "../../app/help/help_page.ts";

/** `pxrun setup` */
export function addSetup(root: Root, context: GetContext): void {
  documented(root.command("setup"), {
    summary: "create a token of your own, and the config file",
    description:
      "Create a role, a user and an API token with the least rights over SSH, read the " +
      "fingerprint of the certificate, and write the config file, encrypted. The plan is shown " +
      "first; running it again is safe.",
    examples: [
      ["pxrun setup", "ask for everything, show the plan, ask again"],
      ["pxrun setup --host pve01 --ssh-user root --scope / --yes", "without a terminal"],
      [
        "pass show proxmox | pxrun setup --no-ssh --host pve01 --token-id 'pxrun@pve!ci' --yes",
        "with an existing token",
      ],
      ["pxrun setup --print", "print the commands for an administrator"],
    ],
  })
    .option("--host <host>", "node to connect to: host, host:port or https:// URL")
    .option("--ssh-user <user>", "user on the node; any but root needs sudo")
    .option("--scope <scope>", "reach of the token: /, pool:NAME, storage:NAME,storage:NAME …")
    .option("--token-name <name>", "name of the token (default: name of this machine)")
    .option("--print", "only print the commands for an administrator, without connecting")
    .option("--no-ssh", "use an existing token")
    .option(
      "--token-id <id>",
      "ID of that token; its secret is asked for, or read from standard input",
    )
    .option(
      "--no-encrypt",
      "keep secrets in a plain file of mode 0600, where sops is not installed",
    )
    .option("-y, --yes", "do not ask (required without a terminal)")
    .action(async (options) => await (await import("./run_setup.ts")).runSetup(options, context()));
}
