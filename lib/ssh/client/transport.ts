import type { ScreenSize } from "../../core/platform.ts";

/**
 * Data for a command's standard input.
 *
 * @category Containers
 */
export type Stdin = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A terminal on the host for a command: its output is standard output alone. */
export interface Pty {
  /** Type of the terminal: `xterm-256color`. */
  readonly term: string;
  /** Current size of it. */
  size(): ScreenSize;
  /** Calls back when that has changed, until the returned function is called. */
  onResize(callback: () => void): () => void;
}

/** Options for running one command. */
export interface ExecOptions {
  /** Absent: standard input is closed at once. */
  readonly stdin?: Stdin;
  /** Absent: the command has no terminal. */
  readonly pty?: Pty;
  /** Ends the channel and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the command begins: nothing of it was run before, nor was any input sent. */
  readonly onBegun?: () => void;
  /** Most bytes of standard output that the result may hold; absent: those of `limits.bytes.output`. */
  readonly most?: number;
  /** Sees standard output as it arrives; the result then holds none of it. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  /** Sees standard error as it arrives; the result then holds none of it. */
  readonly onStderr?: (chunk: Uint8Array) => void;
}

/**
 * Result of a command. Exactly one of `code` and `signal` is set.
 *
 * @category Containers
 */
export interface ExecResult {
  readonly code: number | undefined;
  /** The signal's name without `SIG`. */
  readonly signal: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * One authenticated SSH connection to a node. `exec` may be called any number
 * of times at once: at most 8 run, the rest wait.
 */
export interface SshTransport extends AsyncDisposable {
  /**
   * Runs one command line by the `sh` of the node, whatever the login shell of the SSH user is.
   * Its own output is not part of the output.
   *
   * @throws {PxrunError} FAILED when the login shell does not run it.
   * @throws {PxrunError} UNREACHABLE when the connection drops before the command ended.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /** True if it has room for commands that only wait; absent: it has none. */
  readonly roomy?: boolean;
  /** Ends the connection. Safe to call twice. */
  close(): Promise<void>;
}
