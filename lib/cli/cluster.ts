import type { Cluster } from "../connect/cluster.ts";
import { connect } from "../connect/connect.ts";
import type { Context } from "./context.ts";
import { loginQuestions } from "./login_questions.ts";

/** The cluster that the environment names; `--debug` traces every API call. */
export function connectCluster({ world, debug, insecure, tempToken }: Context): Promise<Cluster> {
  return connect(world, {
    ...loginQuestions(world),
    insecure,
    tempToken,
    ...(debug && { trace: (line: string) => world.terminal.err(`${line}\n`) }),
  });
}
