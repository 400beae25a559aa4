/**
 * The ports: everything that pxrun asks of the machine it runs on. `lib/host`
 * implements them on Deno; tests hand in their own.
 */

/**
 * The environment, as plain data.
 *
 * @category Platform
 */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Time, so that a test can own it.
 *
 * @category Platform
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds, rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * A terminal that a program takes over as a whole.
 *
 * @category Platform
 */
export interface Screen {
  /** Size of it. */
  size(): ScreenSize;
  /** Calls back when that has changed, until the returned function is called. */
  onResize(callback: () => void): () => void;
  /** Hands over every key as it is pressed, Ctrl-C too, until the returned function is called. */
  raw(): () => void;
}

/**
 * Size of a terminal, in characters.
 *
 * @category Platform
 */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A key that was pressed.
 *
 * @category Platform
 */
export interface Key {
  /** The name of a key that has one: `return`, `up`, `backspace`, `a`. */
  readonly name: string;
  /** True if it was pressed together with Ctrl. */
  readonly ctrl: boolean;
  /** The text that it types; empty for a key that types none. */
  readonly text: string;
}

/**
 * Handler of a question's keys.
 *
 * @category Platform
 */
export interface KeyListener {
  onKey(key: Key): void;
  /** The program runs again after it was stopped (Ctrl-Z): others have written on the terminal. */
  onResume(): void;
  /** No key will come any more. */
  onEnd(): void;
}

/**
 * The keys of a terminal.
 *
 * @category Platform
 */
export interface Keyboard {
  /**
   * Hands over every key as it is pressed, Ctrl-C too, and shows none, until the returned
   * function is called.
   */
  listen(listener: KeyListener): Promise<() => void>;
}

/**
 * Current directory of the user.
 *
 * @category Platform
 */
export interface Terminal {
  /** True if the user can answer questions (standard input and error are terminals). */
  readonly interactive: boolean;
  /** True if standard input is a terminal, which shows what is typed unless a prompt reads it. */
  readonly stdinIsTerminal: boolean;
  /** True if standard output is a terminal. */
  readonly stdoutIsTerminal: boolean;
  /** True if standard error is a terminal. */
  readonly stderrIsTerminal: boolean;
  /** The terminal itself; undefined where standard input or output is none. */
  readonly screen: Screen | undefined;
  /** Its keys, for questions with an editing line; absent: whole lines only. */
  readonly keyboard?: Keyboard | undefined;
  /** Width in columns, 80 when unknown. */
  columns(): number;
  /** Height in rows, 24 when unknown. */
  rows(): number;
  /** Results. */
  out(text: string): void;
  /** Progress, questions and errors. */
  err(text: string): void;
  /**
   * Bytes for standard output or standard error, as they are.
   *
   * @returns True if there still is a reader.
   */
  write(stream: "out" | "err", bytes: Uint8Array): boolean;
  /** Reason why something could not be written, where that is not a reader that has ended: a full disk. */
  failure?(): Error | undefined;
  /** Standard input as it comes, as bytes. */
  chunks(): AsyncIterable<Uint8Array>;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array>;
  /** One line of standard input without its line end; undefined at its end. */
  readLine(): Promise<string | undefined>;
}

/**
 * A file that is read piece by piece.
 *
 * @category Platform
 */
export interface OpenedFile {
  /** The permission bits; undefined where there are none (Windows). */
  readonly mode: number | undefined;
  /** Size in bytes; undefined for a pipe and the like. */
  readonly size?: number | undefined;
  /** To be read to its end, or given up: that closes it. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * A file that is there as a whole once all of it is written, and not before.
 *
 * @category Platform
 */
export interface AtomicFile {
  write(chunk: Uint8Array): void;
  /** Puts it in its place with this mode; until then it is its owner's alone. */
  keep(mode: number): Promise<void>;
  /** Forgets it, if it was not kept. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Entries of a directory, one by one; a directory comes before what is in it.
 *
 * @category Platform
 */
export interface DirectoryEntry {
  /** The names that lead to it; none for the directory itself. */
  readonly path: readonly string[];
  /** `other`: a socket, a pipe or a device. */
  readonly kind: "file" | "directory" | "link" | "other";
  /** The permission bits; undefined where there are none (Windows). */
  readonly mode: number | undefined;
  /** Size of a file in bytes. */
  readonly size: number;
  /** Target of a link, as it is written there. */
  readonly target: string;
  /** The content of a file, to be read to its end or given up. */
  open(): AsyncGenerator<Uint8Array>;
}

/**
 * A directory that is there as a whole once all of it is written, and not before; in one that exists,
 * all is written in place. Nothing is ever written outside of it, whatever the names are; each has
 * to follow the directory that it is in.
 *
 * @category Platform
 */
export interface AtomicDirectory {
  /** Adds a directory; without a name it is the directory itself. One that exists keeps its mode. */
  directory(path: readonly string[], mode: number): void;
  /** Begins a file; what comes next by {@linkcode write} is its content. */
  file(path: readonly string[], mode: number): void;
  /** Adds to the file that was begun last. */
  write(chunk: Uint8Array): void;
  /** Adds a link, as it is; nothing is ever written through it. */
  link(path: readonly string[], target: string): void;
  /** Adds a copy of a file that was added before. */
  copy(path: readonly string[], from: readonly string[]): void;
  /** Ends it. A new directory takes its place. */
  keep(): Promise<void>;
  /** Removes a new directory, if it was not kept; from then on it takes nothing more. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Files. Paths are absolute or relative to {@linkcode Platform.cwd}.
 *
 * @category Platform
 */
export interface Files {
  /** The bytes of a file, or undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Writes a whole file, with `mode` when it is new. */
  write(path: string, data: string | Uint8Array, options?: { mode?: number }): Promise<void>;
  /**
   * Adds a line at the end of a text file, on a line of its own. A new file is its
   * owner's alone (0600), and so is a new directory for it (0700).
   */
  appendLine(path: string, line: string): Promise<void>;
}

/**
 * Files of any size, piece by piece.
 *
 * @category Platform
 */
export interface FileStreams {
  /** Opens a file; undefined when there is none. */
  open(path: string): Promise<OpenedFile | undefined>;
  /** Begins a file; it is to be kept or disposed of. */
  draft(path: string): Promise<AtomicFile>;
  /** True for a directory, and a link to one. */
  isDirectory(path: string): Promise<boolean>;
  /** All that a directory holds, itself first. Links are not followed. */
  entries(directory: string): AsyncIterable<DirectoryEntry>;
  /** Begins a directory; it is to be kept or disposed of. Nothing is made before the first entry. */
  draftDirectory(path: string): AtomicDirectory;
}

/**
 * Files that only their owner may read.
 *
 * @category Platform
 */
export interface PrivateFiles {
  /**
   * The permission bits of a file; undefined where there is nothing, or no such bits (Windows).
   *
   * @throws {PxrunError} USAGE for a directory, a device or another thing that is no file.
   */
  mode(path: string): Promise<number | undefined>;
  /**
   * Replaces a file, or makes it with its directory, so that at every moment the old or the
   * new one is there as a whole. A link stays one. Only the owner may read it.
   *
   * @param expected The text that has to be there still, undefined for no file.
   * @throws {PxrunError} FAILED when another process has changed it.
   */
  replace(
    path: string,
    data: string,
    expected?: { readonly before: string | undefined },
  ): Promise<void>;
  /** Throws what {@linkcode replace} would throw now, and leaves nothing. */
  tryReplace(path: string): Promise<void>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
}

/**
 * Result of a finished subprocess.
 *
 * @category Platform
 */
export interface ProcessResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * Runs one program of this machine to its end; undefined when it is not installed.
 *
 * @category Platform
 */
export type RunProcess = (
  program: string,
  args: readonly string[],
  options?: {
    stdin?: string | Uint8Array;
    signal?: AbortSignal;
    /** Gives the program the terminal itself; what it prints is then not in the result. */
    terminal?: boolean;
    /** Variables added to the environment. */
    env?: Readonly<Record<string, string>>;
  },
) => Promise<ProcessResult | undefined>;

/** Asks a site by HTTPS, through the proxy of the environment where there is one. */
export type Fetch = (
  url: string,
  init: {
    readonly signal: AbortSignal;
    readonly redirect: "manual";
    /** Absent: GET. */
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  },
) => Promise<Response>;

/**
 * This process among all others, so that its leftovers differ from what is in use.
 *
 * @category Platform
 */
export interface ProcessInfo {
  /** The name of the machine. */
  readonly host: string;
  /** Whose it is, as the machine's accounts say; undefined for an account without a name. */
  readonly user: string | undefined;
  readonly pid: number;
  /** The operating system, as Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /**
   * Among which processes `pid` is a number: the same text here and elsewhere only where the
   * same number is the same process. Undefined where that is unknown.
   */
  readonly pidScope: string | undefined;
  /** True if a process with this number runs among them. */
  isRunning(pid: number): boolean;
}

/**
 * All ports together.
 *
 * @category Platform
 */
export interface Platform {
  readonly env: Env;
  readonly cwd: string;
  /** The user's home directory, undefined where there is none. */
  readonly home: string | undefined;
  readonly clock: Clock;
  readonly terminal: Terminal;
  readonly files: Files;
  readonly fileStreams: FileStreams;
  readonly privateFiles: PrivateFiles;
  readonly run: RunProcess;
  readonly fetch: Fetch;
  readonly self: ProcessInfo;
  /** Calls back on INT, TERM and HUP until the returned function is called. */
  onInterrupt(callback: (signal: string) => void): () => void;
}
