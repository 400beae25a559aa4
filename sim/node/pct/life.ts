import type { Schema } from "../../cluster/rest/check.ts";
import { CT_CREATE } from "../../cluster/rest/ct_schema.ts";
import type { Method, Params } from "../../cluster/rest/route.ts";
import { call, isUpid, watchTask } from "../cli.ts";
import type { PctCall, PctCommand } from "./command.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;
const NUMBER = { type: "integer", optional: true } as const;

/** Calls the API and, when that starts a task, waits for it as the command line does. */
export async function act(
  { context, process }: PctCall,
  method: Method,
  path: string,
  params: Params,
): Promise<number> {
  const reply = await call(context, method, path, params);
  if (!isUpid(reply)) return 0;
  return (await watchTask(context, process, reply)).failed ? 255 : 0;
}

const create: PctCommand = {
  usage: "<vmid> <ostemplate> [OPTIONS]",
  options: CT_CREATE,
  run: (pct) => {
    const [ostemplate = ""] = pct.rest;
    const { ["ssh-public-keys"]: file, ...options } = pct.options;
    const params = {
      ...options,
      ...(file !== undefined && { "ssh-public-keys": readKeys(pct, file) }),
      vmid: pct.vmid,
      ostemplate,
    };
    return act(pct, "POST", `/nodes/${pct.context.node}/lxc`, params);
  },
};

/** On the command line the keys stand in a file. */
function readKeys({ process }: PctCall, file: string): string {
  const node = process.system.tree.find(process.path(file));
  return node?.kind === "file" ? new TextDecoder().decode(node.data) : "";
}

function power(name: string, options: Schema = {}): PctCommand {
  return {
    usage: "<vmid> [OPTIONS]",
    options,
    run: (pct) => act(pct, "POST", `${pct.path}/status/${name}`, pct.options),
  };
}

/** Subcommands that make, end, start and stop containers. */
export const LIFE: Readonly<Record<string, PctCommand>> = {
  create,
  start: power("start", { skiplock: FLAG, debug: FLAG }),
  stop: power("stop", { skiplock: FLAG, "overrule-shutdown": FLAG }),
  shutdown: power("shutdown", { timeout: NUMBER, forceStop: FLAG }),
  reboot: power("reboot", { timeout: NUMBER }),
  destroy: {
    usage: "<vmid> [OPTIONS]",
    options: { force: FLAG, purge: FLAG, "destroy-unreferenced-disks": FLAG },
    run: (pct) => act(pct, "DELETE", pct.path, pct.options),
  },
  clone: {
    usage: "<vmid> <newid> [OPTIONS]",
    options: {
      hostname: TEXT,
      description: TEXT,
      full: FLAG,
      pool: TEXT,
      snapname: TEXT,
      storage: TEXT,
      target: TEXT,
      bwlimit: NUMBER,
    },
    run: (pct) => {
      const [newid = ""] = pct.rest;
      return act(pct, "POST", `${pct.path}/clone`, { ...pct.options, newid });
    },
  },
};
