import type { Env, Fetch, Platform, Screen } from "../../lib/core/platform.ts";
import { denoPlatform } from "../../lib/host/mod.ts";
import { processRunner } from "../../lib/host/process.ts";
import { aloneEnv } from "./alone.ts";

/** A platform whose terminal is written down and whose signals a test gives. */
export interface TestPlatform extends Platform {
  /** All that was written to standard output. */
  stdout(): string;
  /** All that was written to standard error. */
  stderr(): string;
  /** What the terminal's user presses. */
  interrupt(signal?: string): void;
}

/** How the user's side looks. */
export interface TestPlatformOptions {
  readonly env?: Env;
  readonly stdin?: string | AsyncIterable<Uint8Array>;
  /** Sees the bytes of standard output and error, which are then not written down as text. */
  readonly onBytes?: (stream: "out" | "err", bytes: Uint8Array) => boolean;
  /** A terminal that can be taken over; absent: there is none. */
  readonly screen?: Screen;
  /** Answers to plain questions; makes the terminal interactive. */
  readonly answers?: readonly string[];
  /** Instead of the real network. */
  readonly fetch?: Fetch;
}

/** The machine itself, with an environment and a terminal of the test's own. */
export function testPlatform(options: TestPlatformOptions = {}): TestPlatform {
  let out = "";
  let err = "";
  const text = (stream: "out" | "err", bytes: Uint8Array): boolean => {
    if (stream === "out") out += new TextDecoder().decode(bytes);
    else err += new TextDecoder().decode(bytes);
    return true;
  };
  const { stdin = "" } = options;
  const answers = [...options.answers ?? []];
  const callbacks = new Set<(signal: string) => void>();
  const real = denoPlatform();
  return {
    ...real,
    env: { PATH: real.env["PATH"], TERM: "dumb", PXRUN_SSH_CONFIG: "none", ...options.env },
    home: "/nonexistent",
    run: processRunner(aloneEnv(options.env)),
    fetch: options.fetch ?? real.fetch,
    terminal: {
      interactive: options.answers !== undefined,
      stdinIsTerminal: options.answers !== undefined,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      screen: options.screen,
      columns: () => 100,
      rows: () => 30,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      write: options.onBytes ?? text,
      chunks: () => typeof stdin === "string" ? new Blob([stdin]).stream() : stdin,
      readStdin: () =>
        new Response(typeof stdin === "string" ? stdin : ReadableStream.from(stdin)).bytes(),
      readLine: () => Promise.resolve(answers.shift()),
    },
    onInterrupt(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    stdout: () => out,
    stderr: () => err,
    interrupt: (signal = "SIGINT") => callbacks.forEach((callback) => callback(signal)),
  };
}
