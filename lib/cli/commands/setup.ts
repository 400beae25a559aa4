import { interruptible } from "../context.ts";
import type { GetContext, Root } from "../program.ts";

/** `pxrun setup` */
export function addSetup(root: Root, context: GetContext): void {
  root.command("setup")
    .summary("first use: a token of your own, and the config file")
    .description(
      "Makes a role, a user and an API token with the least rights over SSH, reads the " +
        "certificate's fingerprint there, and writes it all to the config file, encrypted. " +
        "Shows everything first; can be run again.",
    )
    .option("--host <host>", "a node: host, host:port or https:// URL")
    .option("--ssh-user <user>", "who logs in to the node; all but root need sudo")
    .option(
      "--scope <scope>",
      "what the token may reach: /, pool:NAME, storage:NAME,storage:NAME …",
    )
    .option("--token-name <name>", "the token's name; else this machine's")
    .option("--print", "only print the commands, for an administrator; connects nowhere")
    .option("--no-ssh", "take a token that somebody else has made")
    .option("--token-id <id>", "with --no-ssh: its id; the secret is asked for, or standard input")
    .option("-y, --yes", "do not ask for a confirmation")
    .addHelpText(
      "after",
      `
Without a terminal:
  pxrun setup --host pve01 --ssh-user root --scope / --yes
  pass show proxmox | pxrun setup --no-ssh --host pve01 --token-id 'pxrun@pve!ci' --yes`,
    )
    .action(async (options) => {
      if (options.print) {
        const { printScript } = await import("../setup/print_script.ts");
        return printScript(options, context());
      }
      const { overSsh } = await import("../setup/over_ssh.ts");
      const { withToken } = await import("../setup/with_token.ts");
      const { world } = context();
      await interruptible(
        world,
        "the setup",
        (signal) => (options.ssh ? overSsh : withToken)(options, context(), signal),
      );
    });
}
