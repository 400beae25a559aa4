import { Command, Option } from "@commander-js/extra-typings";
import type { World } from "../core/world.ts";
import { addCleanup } from "./commands/cleanup.ts";
import { addConfig } from "./commands/config.ts";
import { addCreate } from "./commands/create.ts";
import { addDemo } from "./commands/demo.ts";
import { addDestroy } from "./commands/destroy.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExec } from "./commands/exec.ts";
import { addHelp } from "./commands/help.ts";
import { addInit } from "./commands/init.ts";
import { addList } from "./commands/list.ts";
import { addProvision } from "./commands/provision.ts";
import { addPull } from "./commands/pull.ts";
import { addPush } from "./commands/push.ts";
import { addSchema } from "./commands/schema.ts";
import { addSetup } from "./commands/setup.ts";
import { addShell } from "./commands/shell.ts";
import { addSimulator } from "./commands/simulator.ts";
import { addTailscale } from "./commands/tailscale.ts";
import { addValidate } from "./commands/validate.ts";
import { addWait } from "./commands/wait.ts";
import { type Context, formats } from "./context.ts";
import { helpPages } from "./help_page.ts";
import { VERSION } from "./version.ts";

/** The root command, as the subcommands see it. */
export type Root = ReturnType<typeof rootCommand>;

/** Hands a command the world together with the flags that all commands share. */
export type GetContext = () => Context;

function rootCommand() {
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
    .option("--no-temp-token", "create no token when SSH is the only login (slower)")
    .enablePositionalOptions(false)
    .showSuggestionAfterError(false);
}

/** The whole command tree, for one command line. */
export function createProgram(world: World, args: readonly string[] = []): Root {
  const root = rootCommand();
  const context: GetContext = () => {
    const {
      format,
      verbose,
      debug,
      events,
      timings,
      config: configFile,
      context,
      insecure,
      tempToken,
    } = root
      .opts();
    return {
      world,
      args,
      format,
      verbose: verbose === true,
      debug: debug === true,
      events: events === true,
      timings: timings === true,
      choice: { configFile, context },
      insecure: insecure === true,
      tempToken,
    };
  };
  root.commandsGroup("First use:");
  addSetup(root, context);
  addDemo(root, context);
  root.commandsGroup("Containers:");
  addCreate(root, context);
  addList(root, context);
  addDestroy(root, context);
  addCleanup(root, context);
  root.commandsGroup("Inside a container:");
  addShell(root, context);
  addExec(root, context);
  addPush(root, context);
  addPull(root, context);
  addProvision(root, context);
  root.commandsGroup("Recipes:");
  addInit(root, context);
  addValidate(root, context);
  addSchema(root, context);
  root.commandsGroup("Cluster:");
  addDoctor(root, context);
  addWait(root, context);
  addTailscale(root, context);
  root.commandsGroup("Other:");
  addConfig(root, context);
  addSimulator(root, context);
  addHelp(root);
  return root;
}
