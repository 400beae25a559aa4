import type { OpenContext } from "../config/resolve.ts";
import type { Cluster } from "../connect/cluster.ts";
import { connect } from "../connect/connect.ts";
import type { Context } from "./context.ts";

/**
 * The cluster that the environment or the config file names; `--debug` traces every API call.
 *
 * @param opened The context of the config file, where it was read already.
 */
export function connectCluster(
  { world, debug, choice }: Context,
  opened?: OpenContext,
): Promise<Cluster> {
  return connect(world, {
    ...choice,
    ...(opened && { context: opened }),
    ...(debug && { trace: (line: string) => world.terminal.err(`${line}\n`) }),
  });
}
