import { messageOf, PxrunError } from "../core/errors.ts";
import type { Keyboard, Screen, Terminal } from "../core/platform.ts";
import { system } from "./system.ts";

type Writer = { writeSync(bytes: Uint8Array): number };

/**
 * Writes it all. Its reader may have ended (`| head`, a closed window), or the disk is full: then
 * it is dropped, for a run must be able to clean up without a reader.
 *
 * @param failed Called once with the reason why it is dropped, unless its reader has ended.
 * @returns Whether somebody reads it.
 */
function writer(
  stream: Writer,
  failed: (error: unknown) => void,
): (bytes: Uint8Array) => boolean {
  let open = true;
  return (bytes) => {
    let rest = bytes;
    while (open && rest.length > 0) {
      try {
        rest = rest.subarray(stream.writeSync(rest));
      } catch (error) {
        // A pipe that another program made non-blocking, and that is full.
        if (error instanceof Deno.errors.WouldBlock) pause();
        else {
          open = false;
          if (!(error instanceof Deno.errors.BrokenPipe)) failed(error);
        }
      }
    }
    return open;
  };
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** Reads lines from standard input, keeping what follows a line for the next call. */
function lineReader(): () => Promise<string | undefined> {
  let lines: AsyncIterator<string> | undefined;
  async function* read(): AsyncGenerator<string> {
    let rest = "";
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    for (let n = await Deno.stdin.read(buffer); n !== null; n = await Deno.stdin.read(buffer)) {
      rest += decoder.decode(buffer.subarray(0, n), { stream: true });
      const parts = rest.split(/\r?\n/);
      rest = parts.pop() ?? "";
      yield* parts;
    }
    if (rest !== "") yield rest;
  }
  return async () => {
    lines ??= read();
    const next = await lines.next();
    return next.done ? undefined : next.value;
  };
}

/**
 * Has the terminal show what it is sent. Deno leaves it adding a return to each newline, which
 * full-screen programs take for a step down. Where there is no stty, that stays so.
 */
function keepOutput(): void {
  try {
    new Deno.Command("stty", { args: ["-opost"], stdin: "inherit" }).outputSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

const screen: Screen = {
  size: () => Deno.consoleSize(),
  onResize(callback) {
    if (!system.signalsResize) {
      let last = JSON.stringify(Deno.consoleSize());
      // There is no signal for it.
      const timer = setInterval(() => {
        const now = JSON.stringify(Deno.consoleSize());
        if (now !== last) callback();
        last = now;
      }, 500);
      return () => clearInterval(timer);
    }
    Deno.addSignalListener("SIGWINCH", callback);
    return () => Deno.removeSignalListener("SIGWINCH", callback);
  },
  raw() {
    Deno.stdin.setRaw(true);
    if (system.hasStty) keepOutput();
    // Gives back all settings as they were.
    return () => Deno.stdin.setRaw(false);
  },
};

const keyboard: Keyboard = {
  // Few runs ask anything.
  listen: async (listener) => (await import("./keyboard.ts")).listen(listener),
};

function consoleSize(): { readonly columns: number; readonly rows: number } {
  try {
    // A pseudo-terminal whose size nobody has set has none.
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** The terminal, or the pipes, of this process. */
export function denoTerminal(): Terminal {
  const stdinIsTerminal = Deno.stdin.isTerminal();
  const stderrIsTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  let failure: PxrunError | undefined;
  const fails = (name: string) => (error: unknown): void => {
    const why = messageOf(error).replace(/ \(os error \d+\).*/s, "");
    failure ??= new PxrunError("FAILED", `cannot write to ${name}: ${why}`, {
      cause: error,
      hint: "what was to be printed is lost; what was to be done is done",
    });
  };
  const streams = {
    out: writer(Deno.stdout, fails("standard output")),
    err: writer(Deno.stderr, fails("standard error")),
  };
  return {
    interactive: stdinIsTerminal && stderrIsTerminal,
    stdinIsTerminal,
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stderrIsTerminal,
    screen: Deno.stdin.isTerminal() && Deno.stdout.isTerminal() ? screen : undefined,
    keyboard: stdinIsTerminal && stderrIsTerminal ? keyboard : undefined,
    columns: () => consoleSize().columns,
    rows: () => consoleSize().rows,
    out: (text) => void streams.out(encoder.encode(text)),
    err: (text) => void streams.err(encoder.encode(text)),
    write: (stream, bytes) => streams[stream](bytes),
    failure: () => failure,
    chunks: () => Deno.stdin.readable,
    readStdin: () => new Response(Deno.stdin.readable).bytes(),
    readLine: lineReader(),
  };
}
