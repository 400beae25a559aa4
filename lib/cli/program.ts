import { Command, Option } from "@commander-js/extra-typings";
import type { World } from "../core/world.ts";
import { addCleanup } from "./commands/cleanup.ts";
import { addConfig } from "./commands/config.ts";
import { addCreate } from "./commands/create.ts";
import { addDemo } from "./commands/demo.ts";
import { addDestroy } from "./commands/destroy.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExec } from "./commands/exec.ts";
import { addList } from "./commands/list.ts";
import { addProvision } from "./commands/provision.ts";
import { addPull } from "./commands/pull.ts";
import { addPush } from "./commands/push.ts";
import { addResume } from "./commands/resume.ts";
import { addSchema } from "./commands/schema.ts";
import { addSetup } from "./commands/setup.ts";
import { addShell } from "./commands/shell.ts";
import { addSimulator } from "./commands/simulator.ts";
import { addTailscale } from "./commands/tailscale.ts";
import { addValidate } from "./commands/validate.ts";
import { type Context, formats } from "./context.ts";
import { VERSION } from "./version.ts";

/** The root command, as the subcommands see it. */
export type Root = ReturnType<typeof rootCommand>;

/** Hands a command the world together with the flags that all commands share. */
export type GetContext = () => Context;

function rootCommand() {
  return new Command("pxrun")
    .description(
      "From a YAML recipe, or five questions, to a provisioned and reachable LXC container " +
        "on a Proxmox VE cluster, and back.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .addOption(
      new Option("--format <format>", "how results are printed").choices(formats).default("table"),
    )
    .option("-v, --verbose", "show the output of commands as it comes; with doctor, every setting")
    .option("--config <file>", "the config file; else PXRUN_CONFIG, or ~/.config/pxrun/config.yaml")
    .option("--context <name>", "which context of the config file; else PXRUN_CONTEXT")
    .option("--timings", "show at the end how long each step took")
    .option("--events", "print each event as a line of JSON, instead of progress and result")
    .option("--debug", "show every API call, and where an error came from")
    .option("--insecure", "let PROXMOX_VERIFY_SSL=false send credentials to whoever answers")
    .option("--no-temp-token", "with SSH alone: make no token; slower, see docs/login.md")
    .enablePositionalOptions(false)
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      `
Examples:
  pxrun setup                    first use: a token for your cluster, and the config file
  pxrun create web.yaml          a container from a recipe
  pxrun create                   the same by answering questions
  pxrun list --ips               every container of the cluster, with addresses
  pxrun destroy web-1            remove it
  pxrun demo                     all of that on an embedded cluster, nothing else needed

Exit status: 0 done, 1 failed, 2 usage or invalid recipe, 3 not found,
4 authentication or permission, 5 unreachable, 130 interrupted. exec and shell have
the status of what they run, and 125 for a failure of pxrun itself.`,
    );
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
  addSetup(root, context);
  addCreate(root, context);
  addDestroy(root, context);
  addList(root, context);
  addProvision(root, context);
  addResume(root, context);
  addExec(root, context);
  addShell(root, context);
  addPush(root, context);
  addPull(root, context);
  addTailscale(root, context);
  addDoctor(root, context);
  addCleanup(root, context);
  addValidate(root, context);
  addSchema(root, context);
  addConfig(root, context);
  addDemo(root, context);
  addSimulator(root, context);
  return root;
}
