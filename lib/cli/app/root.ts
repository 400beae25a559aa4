import { Command, Option } from "../../../deps/commander.ts";
import { type Context, formats } from "./context.ts";
import { helpPages } from "./help/help_page.ts";
import { VERSION } from "./version.ts";

/** The root command, as the subcommands see it. */
export type Root = ReturnType<typeof rootCommand>;

/** Gives a command its platform together with the flags that all commands share. */
export type GetContext = () => Context;

/** Adds a command to the tree. */
export type AddCommand = (root: Root, context: GetContext) => void;

/** The root command with the options that all commands share. */
export function rootCommand() {
  return new Command("pxrun")
    .usage("[options] <command>")
    .description(
      "From a YAML recipe, or five questions, to a provisioned and reachable LXC container " +
        "on a Proxmox VE cluster, and back.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .configureHelp(helpPages)
    .addOption(
      new Option("-o, --format <format>", "print results as a table or as data").choices(formats)
        .default("table"),
    )
    .addOption(new Option("--json", "the same as --format json").implies({ format: "json" }))
    .option("-v, --verbose", "show the output of commands as it comes; in doctor, every setting")
    .option(
      "--config <file>",
      "config file (default: PXRUN_CONFIG, or ~/.config/pxrun/config.yaml)",
    )
    .option(
      "--context <name>",
      "context of the config file (default: PXRUN_CONTEXT, or its current_context)",
    )
    .option("--timings", "show at the end how long each step took")
    .option("--events", "print each event as a line of JSON, instead of progress and result")
    .option("--debug", "show every API call, and the origin of an error")
    .option("--insecure", "allow PROXMOX_VERIFY_SSL=false to send credentials to an unknown server")
    .option("--no-temp-token", "create no token when SSH is the only login (slower, reads only)")
    .enablePositionalOptions(false)
    .showSuggestionAfterError(false);
}
