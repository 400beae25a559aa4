import type { Cluster } from "../connect/cluster.ts";
import { connect } from "../connect/connect.ts";
import type { Context } from "./context.ts";
import { terminalQuestions } from "./ssh_questions.ts";

/**
 * The cluster that the environment names; `--debug` traces every API call.
 *
 * @param signal Ends a question that nobody has answered yet.
 * @param asks Whether the user may be asked, where there is one: not with `--yes`.
 */
export function connectCluster(
  { world, debug }: Context,
  signal: AbortSignal,
  asks = true,
): Promise<Cluster> {
  return connect(world, {
    warn: (line) => world.terminal.err(`${line}\n`),
    ...(debug && { trace: (line: string) => world.terminal.err(`${line}\n`) }),
    ...(asks && world.terminal.interactive && { ask: terminalQuestions(world, signal) }),
  });
}
