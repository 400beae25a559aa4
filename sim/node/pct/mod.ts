import type { Process, Program } from "../../unix/os/process.ts";
import { CliError, guarded, readWords } from "../cli.ts";
import type { NodeContext } from "../context.ts";
import type { PctCommand } from "./command.ts";
import { CONFIG } from "./config.ts";
import { INSIDE } from "./inside.ts";
import { LIFE } from "./life.ts";
import { MOUNTS } from "./mounts.ts";
import { SNAPSHOTS } from "./snapshots.ts";

const COMMANDS: ReadonlyMap<string, PctCommand> = new Map(
  Object.entries({ ...CONFIG, ...LIFE, ...INSIDE, ...MOUNTS, ...SNAPSHOTS }),
);

/** `pct`, the node's own way to its containers. */
export function pct(context: NodeContext): Program {
  return (process) => {
    const [name = "", ...args] = process.argv.slice(1);
    const command = COMMANDS.get(name);
    if (command === undefined) return unknown(process, name);
    const usage = `pct ${name} ${command.usage}`;
    return guarded(process, usage, async () => {
      const { options, words } = readWords(args, command.options, usage);
      const needed = command.usage.match(/(?<!\[)<[\w-]+>/g) ?? [];
      if (words.length < needed.length) throw new CliError(`400 not enough arguments\n${usage}\n`);
      const [vmid = "", ...rest] = words;
      const path = `/nodes/${context.node}/lxc/${vmid}`;
      return await command.run({ context, process, options, words, vmid, rest, path });
    });
  };
}

async function unknown(process: Process, name: string): Promise<number> {
  const problem = name === "" ? "no command specified" : `unknown command 'pct ${name}'`;
  await process.err(`ERROR: ${problem}\nUSAGE: pct <COMMAND> [ARGS] [OPTIONS]\n`);
  return 255;
}
