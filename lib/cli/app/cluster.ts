import type { OpenContext } from "../../config/resolve.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { connect, type ConnectOptions } from "../../cluster/connect.ts";
import { plain } from "../../core/plain.ts";
import { type Context, interruptible } from "./context.ts";
import { loginQuestions, terminalQuestions } from "../prompts/connect_questions.ts";

/** Options for connecting to a command's cluster. */
export interface ClusterOptions {
  /** Ends a question that is not answered yet, and the decryption of the config file. */
  readonly signal: AbortSignal;
  /** True if the user may be asked, where there is one: not with `--yes`. */
  readonly asks?: boolean;
  /** The context of the config file, where it was read already. */
  readonly opened?: OpenContext | undefined;
}

/** Options for `connect` and the doctor: the flags, and what is asked and reported on the way. */
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

/**
 * Runs a command's work on the cluster. The first signal ends it, so that it can clean up.
 *
 * @param what The work as a noun phrase: "the list".
 * @param asks False if connecting must ask nothing.
 */
export function withCluster<T>(
  context: Context,
  what: string,
  run: (cluster: Cluster, signal: AbortSignal) => Promise<T>,
  asks = true,
): Promise<T> {
  return interruptible(context.platform, what, async (signal) => {
    await using cluster = await connectCluster(context, { signal, asks });
    return await run(cluster, signal);
  });
}
