import type { Cluster } from "../connect/cluster.ts";
import { connect } from "../connect/connect.ts";
import type { Context } from "./context.ts";

/** The cluster that the environment names; `--debug` traces every API call. */
export function connectCluster({ world, debug }: Context): Promise<Cluster> {
  return connect(world, {
    ...(debug && { trace: (line: string) => world.terminal.err(`${line}\n`) }),
  });
}
