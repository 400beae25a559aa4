import type { OpenContext } from "../../config/resolve.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { connect, type ConnectOptions } from "../../cluster/connect.ts";
import { plain } from "../../core/plain.ts";
import type { Context } from "./context.ts";
import { loginQuestions, terminalQuestions } from "../prompts/connect_questions.ts";

/** How a command goes to its cluster. */
export interface ClusterOptions {
  /** Ends a question that nobody has answered yet, and the decryption of the config file. */
  readonly signal: AbortSignal;
  /** Whether the user may be asked, where there is one: not with `--yes`. */
  readonly asks?: boolean;
  /** The context of the config file, where it was read already. */
  readonly opened?: OpenContext | undefined;
}

/** How `connect` and the doctor reach it: the flags, and what is asked and told on the way. */
export function connectOptions(
  { platform, debug, choice, insecure, tempToken }: Context,
  { signal, asks = true, opened }: ClusterOptions,
): ConnectOptions {
  const warn = (line: string): void => platform.terminal.err(`${plain(line)}\n`);
  return {
    ...choice,
    insecure,
    tempToken,
    signal,
    ...(opened && { context: opened }),
    warn,
    ...(debug && { trace: warn }),
    ...(asks && platform.terminal.interactive && {
      ask: terminalQuestions(platform, signal),
      ...loginQuestions(platform, signal),
    }),
  };
}

/** The cluster that the environment or the config file names; `--debug` traces every API call. */
export function connectCluster(context: Context, options: ClusterOptions): Promise<Cluster> {
  return connect(context.platform, connectOptions(context, options));
}
