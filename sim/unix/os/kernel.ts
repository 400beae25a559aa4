import { messageOf } from "../../../lib/core/errors.ts";
import { bytesOf, textOf, toByteString } from "./bytes.ts";
import { Errno } from "./errno.ts";
import {
  type Inherited,
  inheritedOf,
  Killed,
  Process,
  type Program,
  type System,
} from "./process.ts";
import { LeftOut } from "../not_here.ts";
import { mountProc } from "./proc_fs.ts";
import { SIGNAL } from "./signals.ts";
import { basename, contentOf, FileTree, may } from "./tree.ts";

const MARKER = "\x7fELF\0simulated:";

/** The content of a file that runs the program of this name. */
export function binary(program: string): Uint8Array {
  return bytesOf(`${MARKER}${program}\n`);
}

/** Parts of a kernel. */
export interface KernelParts {
  readonly tree: FileTree;
  /** Programs that the files made by {@linkcode binary} run. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Program of a file that names none of the table: it stands in for installed software. */
  readonly fallback: (name: string) => Program;
  /** Message of a shell about a command that is not there. */
  readonly missing: (name: string) => string;
  /** The TCP ports that its services listen at. */
  readonly listening?: () => readonly number[];
  /** Sees every argument vector and the environment that goes with it. */
  readonly onExec: OnExec;
}

/** Observer of every program that is started. */
export type OnExec = (argv: readonly string[], env: ReadonlyMap<string, string>) => void;

/** A kernel: a file tree, a process table and the programs that files can name. */
export class Kernel implements System {
  readonly tree: FileTree;
  readonly processes: Map<number, Process> = new Map();
  readonly programs: ReadonlyMap<string, Program>;
  readonly #fallback: (name: string) => Program;
  readonly missing: (name: string) => string;
  readonly #onExec: OnExec;
  readonly bootedAt: number = Date.now();
  #lastPid = 0;
  #lastForeignGroup = 0;

  /** @param parts What it is made of. */
  constructor({ tree, programs, fallback, missing, onExec, listening = () => [] }: KernelParts) {
    this.tree = tree;
    this.programs = programs;
    this.#fallback = fallback;
    this.missing = missing;
    this.#onExec = onExec;
    mountProc(this, listening);
  }

  /** A group for processes that come from outside: `ps` shows it as 0. */
  foreignGroup(): number {
    return --this.#lastForeignGroup;
  }

  start(
    parent: Process | undefined,
    from: Inherited,
    argv: readonly string[],
    run: Program,
    fds?: Process["fds"],
  ): Process {
    const process = new Process(this, ++this.#lastPid, parent?.pid ?? 0, argv, from);
    for (const [number, file] of fds ?? parent?.fds ?? []) process.setFd(number, file);
    for (const [signal, disposition] of parent?.dispositions ?? []) {
      if (disposition === "ignore") process.dispositions.set(signal, "ignore");
    }
    this.processes.set(process.pid, process);
    this.#run(process, run);
    return process;
  }

  spawn(parent: Process, argv: readonly string[], changes: Partial<Inherited> = {}): Process {
    const from = { ...inheritedOf(parent), ...changes };
    return this.start(parent, from, argv, (process) => this.become(process, argv));
  }

  async become(process: Process, argv: readonly string[]): Promise<number> {
    const { program, argv: actual } = this.resolve(process, argv);
    process.argv = actual;
    this.#onExec(actual, process.env);
    return await program(process);
  }

  /** The program behind an argument vector, looked up in PATH. Throws what execvp gives. */
  resolve(
    process: Process,
    argv: readonly string[],
  ): { program: Program; argv: readonly string[] } {
    const [name = "", ...args] = argv;
    const path = this.which(process, name);
    if (path === undefined) throw new Errno("ENOENT");
    const node = this.tree.lookup(process.path(path));
    if (node.kind !== "file" || !may(node, process.who, 1)) throw new Errno("EACCES");
    const content = textOf(contentOf(node).subarray(0, 256));
    if (content.startsWith(MARKER)) {
      const program = content.slice(MARKER.length).split("\n")[0] ?? "";
      return { program: this.programs.get(program) ?? this.#fallback(program), argv };
    }
    const shebang = /^#![ \t]*([^\s]+)(?:[ \t]+([^\n]*?))?[ \t\r]*(?:\n|$)/.exec(content);
    const interpreter = shebang?.[1] ?? "/bin/sh";
    const option = shebang?.[2] === undefined ? [] : [shebang[2]];
    if (this.tree.find(interpreter) === undefined) throw new Errno("ENOENT");
    return this.resolve(process, [interpreter, ...option, path, ...args]);
  }

  which(process: Process, name: string, search?: string): string | undefined {
    if (name.includes("/")) return this.tree.find(process.path(name)) ? name : undefined;
    if (name === "") return undefined;
    const path = search ?? process.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
    const places = path.split(":").map((dir) => `${dir === "" ? "." : dir}/${name}`);
    const files = places.filter((at) => this.tree.find(process.path(at))?.kind === "file");
    return files.find((at) => process.may(at, 1)) ?? files[0];
  }

  kill(pid: number, signal: number): boolean {
    const process = this.processes.get(pid);
    process?.signal(signal);
    return process !== undefined;
  }

  /** Ends every process. */
  stop(): void {
    for (const process of [...this.processes.values()]) process.signal(SIGNAL.KILL);
  }

  forget(process: Process): void {
    this.processes.delete(process.pid);
    for (const child of this.processes.values()) if (child.ppid === process.pid) child.ppid = 1;
  }

  async #run(process: Process, run: Program): Promise<void> {
    try {
      process.end(await run(process) & 255);
    } catch (error) {
      if (error instanceof Killed) return process.end(137);
      await complain(process, error);
      const missing = error instanceof LeftOut || error instanceof Errno && error.code === "ENOENT";
      process.end(missing ? 127 : error instanceof Errno ? 126 : 70);
    }
  }
}

async function complain(process: Process, error: unknown): Promise<void> {
  try {
    await process.err(toByteString(`${basename(process.argv[0] ?? "")}: ${messageOf(error)}\n`));
  } catch {
    // The process has no standard error left to complain on.
  }
}
