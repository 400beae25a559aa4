import type { OpenContext } from "../../config/resolve.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { connect } from "../../cluster/connect.ts";
import { plain } from "../../core/plain.ts";
import type { Context } from "./context.ts";
import { loginQuestions } from "../prompts/login_questions.ts";
import { terminalQuestions } from "../prompts/ssh_questions.ts";

/** How a command goes to its cluster. */
export interface ClusterOptions {
  /** Ends a question that nobody has answered yet, and the decryption of the config file. */
  readonly signal: AbortSignal;
  /** Whether the user may be asked, where there is one: not with `--yes`. */
  readonly asks?: boolean;
  /** The context of the config file, where it was read already. */
  readonly opened?: OpenContext | undefined;
}

/** The cluster that the environment or the config file names; `--debug` traces every API call. */
export function connectCluster(
  { world, debug, choice, insecure, tempToken }: Context,
  { signal, asks = true, opened }: ClusterOptions,
): Promise<Cluster> {
  return connect(world, {
    ...choice,
    insecure,
    tempToken,
    signal,
    ...(opened && { context: opened }),
    warn: (line) => world.terminal.err(`${plain(line)}\n`),
    ...(debug && { trace: (line: string) => world.terminal.err(`${plain(line)}\n`) }),
    ...(asks && world.terminal.interactive && {
      ask: terminalQuestions(world, signal),
      ...loginQuestions(world, signal),
    }),
  });
}
