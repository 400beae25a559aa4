import { bytesOf, concat, textOf } from "./bytes.ts";
import { Errno } from "./errno.ts";
import { BrokenPipe, type OpenFile, openNode } from "./open_file.ts";
import { isHarmless, SIGNAL } from "./signals.ts";
import { type Credentials, dirname, type FileTree, may, type Node, normalize } from "./tree.ts";

/** Thrown inside a process that a signal ended; nothing in it catches this. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** State that a process takes over from its parent. */
export interface Inherited {
  cwd: string;
  env: Map<string, string>;
  umask: number;
  who: Credentials;
  pgid: number;
  sid: number;
}

/** Body of a program; it resolves to the exit status. */
export type Program = (process: Process) => Promise<number> | number;

/** The system around a process, as programs see it: files, processes and the programs there are. */
export interface System {
  readonly tree: FileTree;
  readonly processes: ReadonlyMap<number, Process>;
  readonly programs: ReadonlyMap<string, Program>;
  readonly bootedAt: number;
  /** Starts a process that runs a function. Descriptors are those of `parent`, unless given. */
  start(
    parent: Process | undefined,
    from: Inherited,
    argv: readonly string[],
    run: Program,
    fds?: Process["fds"],
  ): Process;
  /** Starts a program as a child of `parent`. */
  spawn(parent: Process, argv: readonly string[], changes?: Partial<Inherited>): Process;
  /** Replaces what a process runs: `execvp`. The caller returns the status. */
  become(process: Process, argv: readonly string[]): Promise<number>;
  /** Path of a command: in PATH when it has no slash. */
  which(process: Process, name: string, search?: string): string | undefined;
  /** Message of a shell about a command that is not there. */
  missing(name: string): string;
  /** Sends a signal to a process. Says whether it was there. */
  kill(pid: number, signal: number): boolean;
  /** A process has ended: its children belong to nobody now. */
  forget(process: Process): void;
}

/** Reaction of a process to a signal instead of ending: ignores it, or runs something. */
export type Disposition = "ignore" | (() => void);

/** One running program of a simulated system. */
export class Process implements Inherited {
  readonly system: System;
  readonly pid: number;
  ppid: number;
  argv: readonly string[];
  cwd: string;
  env: Map<string, string>;
  umask: number;
  who: Credentials;
  pgid: number;
  sid: number;
  readonly startedAt: number = Date.now();
  readonly fds: Map<number, OpenFile> = new Map();
  readonly dispositions: Map<number, Disposition> = new Map();
  /** Resolves to the exit status, 128 + n when signal n ended it. */
  readonly exited: Promise<number>;
  /** Set once it has ended. */
  status: number | undefined;
  /** The signal that ended it. */
  endedBy: number | undefined;
  readonly #ending = new AbortController();
  #exit: (status: number) => void = () => {};
  #writes = 0;

  /** Only a kernel makes processes. */
  constructor(
    system: System,
    pid: number,
    ppid: number,
    argv: readonly string[],
    from: Inherited,
  ) {
    this.system = system;
    this.pid = pid;
    this.ppid = ppid;
    this.argv = argv;
    this.cwd = from.cwd;
    this.env = new Map(from.env);
    this.umask = from.umask;
    this.who = from.who;
    this.pgid = from.pgid;
    this.sid = from.sid;
    this.exited = new Promise((resolve) => this.#exit = resolve);
  }

  /** Aborted when the process ends, for what it waits for. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends the process with a status; a second call changes nothing. */
  end(status: number): void {
    if (this.status !== undefined) return;
    this.status = status;
    this.#ending.abort(new Killed());
    for (const file of this.fds.values()) file.release();
    this.fds.clear();
    this.system.forget(this);
    this.#exit(status);
  }

  /** Delivers a signal. */
  signal(number: number): void {
    if (this.status !== undefined || number === 0) return;
    const catchable = number !== SIGNAL.KILL && number !== SIGNAL.STOP;
    const disposition = catchable ? this.dispositions.get(number) : undefined;
    if (disposition === "ignore") return;
    if (disposition !== undefined) disposition();
    else if (!isHarmless(number)) {
      this.endedBy = number;
      this.end(128 + number);
    }
  }

  /** Waits for something unless a signal ends the process first. */
  wait<T>(promise: Promise<T>): Promise<T> {
    if (this.ending.aborted) return Promise.reject(new Killed());
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Killed());
      this.ending.addEventListener("abort", stop, { once: true });
      promise.then(resolve, reject).finally(() => this.ending.removeEventListener("abort", stop));
    });
  }

  /** Lets time pass. */
  sleep(ms: number): Promise<void> {
    return this.wait(
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.ending.addEventListener("abort", () => clearTimeout(timer), { once: true });
      }),
    );
  }

  /** An absolute path. */
  path(path: string): string {
    return normalize(this.cwd, path) + (/[^/]\/+$/.test(path) ? "/" : "");
  }

  /** The file behind a descriptor. */
  fd(number: number): OpenFile {
    const file = this.fds.get(number);
    if (file === undefined) throw new Errno("EBADF");
    return file;
  }

  /** Makes a descriptor stand for a file, closing what it stood for. */
  setFd(number: number, file: OpenFile | undefined): void {
    file?.hold();
    this.fds.get(number)?.release();
    if (file === undefined) this.fds.delete(number);
    else this.fds.set(number, file);
  }

  /** At most `max` bytes of a descriptor, or undefined at its end. */
  read(fd: number, max = 65536): Promise<Uint8Array | undefined> {
    return this.wait(this.fd(fd).read(max));
  }

  /** Everything that is left on a descriptor. */
  async readAll(fd = 0): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let piece = await this.read(fd); piece !== undefined; piece = await this.read(fd)) {
      pieces.push(piece);
    }
    return concat(pieces);
  }

  /** One line with its line end, and not one byte more; undefined at the end. */
  async readLine(fd = 0, delimiter = 10): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    while (true) {
      const piece = await this.read(fd);
      if (piece === undefined) break;
      const end = piece.indexOf(delimiter);
      if (end < 0) {
        pieces.push(piece);
        continue;
      }
      pieces.push(piece.subarray(0, end + 1));
      this.fd(fd).unread(piece.subarray(end + 1));
      break;
    }
    return pieces.length === 0 ? undefined : textOf(concat(pieces));
  }

  /** Writes to a descriptor; a pipe that nobody reads ends the process. */
  async write(fd: number, data: string | Uint8Array): Promise<void> {
    try {
      await this.wait(this.fd(fd).write(typeof data === "string" ? bytesOf(data) : data));
      // Whoever writes without end must let others run.
      if (++this.#writes % 100 === 0) await this.sleep(0);
    } catch (error) {
      if (!(error instanceof BrokenPipe)) throw error;
      this.signal(SIGNAL.PIPE);
      throw new Errno("EBADF");
    }
  }

  /** Writes to standard output. */
  out(data: string | Uint8Array): Promise<void> {
    return this.write(1, data);
  }

  /** Writes to standard error; a closed one is no reason to fail. */
  async err(data: string): Promise<void> {
    if (this.fds.has(2)) await this.write(2, data);
  }

  /** The node at a path, or the error that opening it gives this process. */
  node(path: string, follow = true): Node {
    return this.system.tree.lookup(this.path(path), follow);
  }

  /** Opens a file. */
  open(path: string, how: "read" | "write" | "append"): OpenFile {
    const at = this.path(path);
    const device = this.#descriptorAt(at);
    if (device !== undefined) return device;
    const { tree } = this.system;
    if (how === "read") return openNode(this.#allowed(tree.lookup(at), 4));
    const node = tree.find(at) ??
      tree.create(at, { who: this.who, mode: 0o666 & ~this.umask });
    return openNode(this.#allowed(node, 2), {
      append: how === "append",
      truncate: how === "write",
    });
  }

  /** The content of a file. */
  async readFile(path: string): Promise<Uint8Array> {
    const file = this.open(path, "read").hold();
    const pieces: Uint8Array[] = [];
    try {
      for (let piece; (piece = await this.wait(file.read(65536))) !== undefined;) {
        pieces.push(piece);
      }
    } finally {
      file.release();
    }
    return concat(pieces);
  }

  /** True if a path exists and may be read (4), written (2) or executed (1). */
  may(path: string, want: number): boolean {
    const node = this.system.tree.find(this.path(path));
    return node !== undefined && may(node, this.who, want);
  }

  /** Writes a whole file. */
  async writeFile(path: string, data: string | Uint8Array): Promise<void> {
    const file = this.open(path, "write").hold();
    try {
      await this.wait(file.write(typeof data === "string" ? bytesOf(data) : data));
    } finally {
      file.release();
    }
  }

  /** Check for what only the owner of a file, and root, may do. */
  mustOwn(node: Node): void {
    if (this.who.uid !== 0 && this.who.uid !== node.uid) throw new Errno("EPERM");
  }

  #allowed(node: Node, want: number): Node {
    if (!may(node, this.who, want)) throw new Errno("EACCES");
    return node;
  }

  /** /dev/stdin, /dev/fd/3, /proc/self/fd/3: the descriptor itself. */
  #descriptorAt(path: string): OpenFile | undefined {
    const names: Record<string, number> = { "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2 };
    const match = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path);
    const number = names[path] ?? (match === null ? undefined : Number(match[1]));
    if (number === undefined) return undefined;
    const file = this.fds.get(number);
    if (file === undefined) throw new Errno("ENOENT");
    return file;
  }

  /** Makes the directories above a path. */
  makeParents(path: string): void {
    this.system.tree.mkdirs(dirname(this.path(path)), { who: this.who, mode: 0o777 & ~this.umask });
  }
}

/** State that a child takes over. */
export function inheritedOf(process: Process): Inherited {
  const { cwd, env, umask, who, pgid, sid } = process;
  return { cwd, env, umask, who, pgid, sid };
}
