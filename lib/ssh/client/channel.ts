import type { Readable } from "node:stream";
import type {
  Client,
  ClientCallback,
  ClientChannel,
  PseudoTtyOptions,
} from "../../../deps/ssh2.ts";
import { messageOf } from "../../core/errors.ts";
import { TooMuch } from "../../core/bytes.ts";
import type { Clock } from "../../core/platform.ts";
import { mostAfterExit, silence } from "./drain.ts";
import { Output } from "./output.ts";
import { writeStdin } from "./stdin.ts";
import type { ExecOptions, ExecResult, Pty } from "./transport.ts";

/** The host opened no channel, while the connection itself stands. */
export class ChannelRefused extends Error {}

/** The channel closed before the host said how the command ended. */
export class ChannelLost extends Error {}

/** Options for a channel besides the command's own. */
export interface ChannelContext {
  readonly client: Client;
  readonly clock: Clock;
  /** Ends the channel: the caller gave up, or the connection was lost. */
  readonly signal: AbortSignal;
  /** Called when the host has started the command. */
  readonly onOpened?: () => void;
}

/**
 * Runs one command on a channel of its own, until the command has ended and its
 * output has arrived.
 *
 * @throws {ChannelRefused} The host does not open one more channel.
 * @throws {ChannelLost} Nobody knows how the command ended.
 */
export function runOnChannel(
  command: string,
  options: ExecOptions,
  context: ChannelContext,
): Promise<ExecResult> {
  const { client, signal } = context;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  const opened: ClientCallback = (error, channel) => {
    signal.removeEventListener("abort", giveUp);
    if (error) reject(new ChannelRefused(error.message, { cause: error }));
    else if (signal.aborted) channel.close();
    // Listeners must be there when this callback returns: the exit may be in the same packet.
    else {
      resolve(follow(channel, options, context));
      context.onOpened?.();
    }
  };
  try {
    client.exec(command, options.pty ? { pty: windowOf(options.pty) } : {}, opened);
  } catch (error) {
    reject(new ChannelLost(messageOf(error)));
  }
  return promise;
}

function windowOf({ term, size }: Pty): PseudoTtyOptions {
  const { columns, rows } = size();
  return { term, cols: columns, rows };
}

function follow(
  channel: ClientChannel,
  options: ExecOptions,
  { client, clock, signal }: ChannelContext,
): Promise<ExecResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
  const over = new AbortController();
  const stdout = new Output(options.onStdout, options.most);
  const stderr = new Output(options.onStderr);
  let tooMuch: unknown;
  let exit: Pick<ExecResult, "code" | "signal"> | undefined;

  const resize = (): void => {
    const { columns = 0, rows = 0 } = options.pty?.size() ?? {};
    channel.setWindow(rows, columns, 0, 0);
  };
  const unwatch = options.pty?.onResize(resize);
  // It may have changed while the channel was opened.
  if (options.pty) resize();

  const end = (): boolean => {
    if (over.signal.aborted) return false;
    over.abort();
    signal.removeEventListener("abort", giveUp);
    unwatch?.();
    // Also frees the host's session, of which there are few.
    channel.close();
    return true;
  };
  const fail = (error: unknown): void => {
    if (end()) reject(error);
  };
  const finish = (): void => {
    if (exit && end()) resolve({ ...exit, stdout: stdout.bytes(), stderr: stderr.bytes() });
  };
  /** Nothing more comes: what could not be kept was the command's own. */
  const complete = (): void => tooMuch === undefined ? finish() : fail(tooMuch);
  const giveUp = (): void => fail(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });

  const read = (stream: Readable, output: Output): void => {
    stream.on("data", (chunk: Uint8Array) => {
      if (over.signal.aborted) return;
      try {
        output.take(chunk);
      } catch (error) {
        // It may be a child that prints on without end, which is no failure of the command.
        if (exit !== undefined && error instanceof TooMuch) tooMuch = error;
        else fail(error);
      }
    });
    stream.on("end", () => {
      output.ended = true;
      if (stdout.ended && stderr.ended) complete();
    });
  };
  read(channel, stdout);
  read(channel.stderr, stderr);
  channel.on("error", fail);
  channel.on("close", () => {
    if (exit === undefined) fail(new ChannelLost("the host closed its channel"));
    else complete();
  });
  channel.on("exit", (code: number | null, name?: string) => {
    exit = { code: code ?? undefined, signal: name?.replace(/^(SIG)+/, "") };
    if (stdout.ended && stderr.ended) return complete();
    const received = (): number => stdout.received + stderr.received;
    const gone = (error: unknown): void => fail(new ChannelLost(messageOf(error)));
    const before = received();
    silence(received, client, clock, over.signal).then(
      () => received() - before < mostAfterExit ? complete() : finish(),
      gone,
    );
  });
  writeStdin(channel, options.stdin, over.signal).catch(fail);
  return promise;
}
