import type { Platform } from "../../core/platform.ts";
import { addCleanup } from "../commands/containers/cleanup.ts";
import { addConfig } from "../commands/config/config.ts";
import { addCreate } from "../commands/create/create.ts";
import { addDemo } from "../commands/simulated/demo.ts";
import { addDestroy } from "../commands/containers/destroy.ts";
import { addDoctor } from "../commands/cluster/doctor.ts";
import { addExec } from "../commands/inside/exec.ts";
import { addHelp } from "../commands/help.ts";
import { addInit } from "../commands/recipes/init.ts";
import { addList } from "../commands/containers/list.ts";
import { addProvision } from "../commands/inside/provision.ts";
import { addPull } from "../commands/inside/pull.ts";
import { addPush } from "../commands/inside/push.ts";
import { addSchema } from "../commands/recipes/schema.ts";
import { addSetup } from "../commands/setup/setup.ts";
import { addShell } from "../commands/inside/shell.ts";
import { addSimulator } from "../commands/simulated/simulator.ts";
import { addTailscale } from "../commands/cluster/tailscale.ts";
import { addValidate } from "../commands/recipes/validate.ts";
import { addWait } from "../commands/cluster/wait.ts";
import type { RunCli } from "./context.ts";
import { type AddCommand, type GetContext, type Root, rootCommand } from "./root.ts";

/** Commands by the headings of `pxrun --help`. */
const groups: readonly (readonly [heading: string, ...commands: readonly AddCommand[]])[] = [
  ["First use:", addSetup, addDemo],
  ["Containers:", addCreate, addList, addDestroy, addCleanup],
  ["Inside a container:", addShell, addExec, addPush, addPull, addProvision],
  ["Recipes:", addInit, addValidate, addSchema],
  ["Cluster:", addDoctor, addWait, addTailscale],
  ["Other:", addConfig, addSimulator, addHelp],
];

/** Commands for editors and hooks, which wait for them: registering all others takes as long as they run. */
const registeredAlone: ReadonlyMap<string, AddCommand> = new Map([
  ["schema", addSchema],
  ["validate", addValidate],
]);

/** The command tree for one command line: all of it, or the one command if its line begins with it. */
export function createProgram(
  platform: Platform,
  args: readonly string[],
  runCli: RunCli,
): Root {
  const root = rootCommand();
  const context: GetContext = () => {
    const { format, tempToken, config: configFile, context, ...given } = root.opts();
    const { verbose = false, debug = false, events = false, timings = false } = given;
    const { insecure = false } = given;
    const flags = { format, tempToken, verbose, debug, events, timings, insecure };
    return { platform, args, runCli, ...flags, choice: { configFile, context } };
  };
  const only = registeredAlone.get(args[0] ?? "");
  for (const [heading, ...commands] of only === undefined ? groups : [["", only] as const]) {
    if (heading !== "") root.commandsGroup(heading);
    for (const add of commands) add(root, context);
  }
  return root;
}
