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
import { type GetContext, type Root, rootCommand } from "./root.ts";

/** The whole command tree, for one command line. */
export function createProgram(
  platform: Platform,
  args: readonly string[],
  runCli: RunCli,
): Root {
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
      platform,
      args,
      format,
      verbose: verbose === true,
      debug: debug === true,
      events: events === true,
      timings: timings === true,
      choice: { configFile, context },
      insecure: insecure === true,
      tempToken,
      runCli,
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
