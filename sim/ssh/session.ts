import { Buffer } from "node:buffer";
import type { ServerChannel, Session } from "../../deps/ssh2.ts";
import { BrokenPipe } from "../unix/os/open_file.ts";
import { signalName } from "../unix/os/signals.ts";
import type { NodeSystem } from "../node/system.ts";
import type { StartUp } from "./faults.ts";
import { cookedLines, withReturns } from "./terminal.ts";
import type { SshCommand } from "./types.ts";

/** Context of one session. */
export interface SessionContext {
  readonly system: NodeSystem;
  readonly user: string;
  /** Notes a command; undefined where the connection ends instead. */
  begin(command: string, closed: AbortSignal): Promise<SshCommand | undefined>;
  /** Actions of the login shell before it comes to the command. */
  readonly startUp: StartUp;
}

/** Serves one session: it runs one command, or a shell. */
export function serveSession(session: Session, context: SessionContext): void {
  let term: string | undefined;
  let record: SshCommand | undefined;
  let window: string | undefined;
  const resize = ({ cols, rows }: { readonly cols: number; readonly rows: number }): void => {
    window = `${term} ${cols}x${rows}`;
    if (record) record.window = window;
  };
  const begun = (command: SshCommand): void => {
    record = command;
    if (window !== undefined) record.window = window;
  };
  session.on("pty", (accept, _reject, info) => {
    term = info.term;
    resize(info);
    accept?.();
  });
  session.on("env", (accept) => accept?.());
  // OpenSSH passes no signal on either.
  session.on("signal", (accept) => accept?.());
  session.on("window-change", (accept, _reject, info) => {
    resize(info);
    accept?.();
  });
  session.on("exec", (accept, _reject, { command }) => {
    void run(accept(), command, term !== undefined, { ...context, begun });
  });
  session.on("shell", (accept) => {
    void run(accept(), undefined, term !== undefined, { ...context, begun });
  });
}

async function run(
  channel: ServerChannel,
  command: string | undefined,
  terminal: boolean,
  context: SessionContext & { begun(record: SshCommand): void },
): Promise<void> {
  // Paused until somebody reads; without this, what comes first would be lost.
  channel.pause();
  channel.on("error", () => {});
  const closed = new AbortController();
  // "close" waits until all input was read; this end comes with the channel's and with the connection's.
  channel.stderr.on("finish", () => closed.abort());
  const record = await context.begin(command ?? "", closed.signal);
  if (record === undefined || closed.signal.aborted) return;
  context.begun(record);
  const keys = input(channel, record);
  const show = (chunk: Uint8Array) => write(channel, channel, withReturns(chunk), closed.signal);
  const streams = terminal
    ? {
      stdin: cookedLines(keys, (text) => void channel.write(Buffer.from(text, "latin1"))),
      stdout: show,
      stderr: show,
    }
    : {
      stdin: keys,
      stdout: (chunk: Uint8Array) => write(channel, channel, chunk, closed.signal),
      stderr: (chunk: Uint8Array) => write(channel, channel.stderr, chunk, closed.signal),
    };
  const { prints, hangs } = context.startUp;
  if (prints !== "") {
    for (const print of [streams.stdout, streams.stderr]) {
      await print(new TextEncoder().encode(prints));
    }
  }
  if (hangs) return;
  const process = context.system.login({
    user: context.user,
    command,
    terminal,
    ...streams,
    closed: () => channel.end(),
  });
  const hangUp = () => process.hangUp();
  closed.signal.addEventListener("abort", hangUp);
  const { status, signal } = await process.ended;
  closed.signal.removeEventListener("abort", hangUp);
  if (closed.signal.aborted) return;
  if (signal === undefined) channel.exit(status);
  else channel.exit(signalName(signal), false, "");
  process.release();
}

async function* input(channel: ServerChannel, record: SshCommand): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
      const bytes: Uint8Array = chunk;
      record.stdin += bytes.length;
      yield new Uint8Array(bytes);
    }
  } catch {
    // A connection that is lost is the end of the input.
  }
}

type Sink = ServerChannel | ServerChannel["stderr"];

/** Writes to the client; waits while its window is full. */
async function write(
  channel: ServerChannel,
  sink: Sink,
  chunk: Uint8Array,
  closed: AbortSignal,
): Promise<void> {
  if (closed.aborted || !channel.writable) throw new BrokenPipe();
  if (sink.write(chunk)) return;
  await new Promise<void>((resolve) => {
    sink.once("drain", resolve);
    closed.addEventListener("abort", () => resolve(), { once: true });
  });
}
