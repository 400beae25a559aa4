import { CommanderError, type CommandUnknownOpts } from "../../../deps/commander.ts";
import { documented } from "../app/help/help_page.ts";
import type { Root } from "../app/root.ts";

/** `pxrun help [COMMAND]` */
export function addHelp(root: Root): void {
  documented(root.command("help"), {
    summary: "print the help of a command",
    description: "Print the help of a command, or of pxrun.",
    examples: [["pxrun help config set", "the same as config set --help"]],
  })
    .argument("[command...]", "command, and its subcommand if it has any")
    .action((words) => {
      let command: CommandUnknownOpts = root;
      for (const word of words) {
        const found = command.commands.find((one) =>
          one.name() === word || one.aliases().includes(word)
        );
        if (found === undefined) {
          throw new CommanderError(
            2,
            "commander.unknownCommand",
            `error: unknown command '${word}'`,
          );
        }
        command = found;
      }
      command.help();
    });
}
