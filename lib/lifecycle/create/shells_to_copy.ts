import type { Cluster } from "../../connect/cluster.ts";
import { commandLine } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";

/** A shell in the container by its own SSH server, to copy. */
export function sshCommand(address: string | undefined): string | undefined {
  return address === undefined ? undefined : commandLine(["ssh", `root@${address}`]);
}

/** A shell in the container through its node, to copy; undefined where no route is known. */
export async function consoleCommand(
  cluster: Cluster,
  node: string,
  vmid: number,
): Promise<string | undefined> {
  try {
    const { host, port, user } = await cluster.route(node);
    const at = port === 22 ? [] : ["-p", String(port)];
    const sudo = user === "root" ? [] : ["sudo"];
    const inside = ["pct", "enter", String(vmid)];
    return commandLine(["ssh", "-t", ...at, `${user}@${host}`, ...sudo, ...inside]);
  } catch (error) {
    if (error instanceof PxrunError) return undefined;
    throw error;
  }
}
