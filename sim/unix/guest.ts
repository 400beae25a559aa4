import { bytesOf, fromByteString, toByteString } from "./os/bytes.ts";
import { Errno } from "./os/errno.ts";
import { type OpenFile, OpenInput, OpenOutput } from "./os/open_file.ts";
import type { Process } from "./os/process.ts";
import { SIGNAL } from "./os/signals.ts";
import { Kernel } from "./os/kernel.ts";
import { contentOf, type DirNode, FileTree, ROOT_USER } from "./os/tree.ts";
import { boot } from "./distro/boot.ts";
import { distroOf } from "./distro/distro.ts";
import type { Machine } from "./distro/machine.ts";
import { unpackTemplate } from "./distro/rootfs.ts";
import { notHere } from "./not_here.ts";
import { guestPrograms, stub } from "./programs/mod.ts";
import { loadParser } from "./shell/ast.ts";
import type { Guest, GuestIo, GuestSurroundings, MakeGuest } from "./types.ts";

/** Environment that `lxc-attach --clear-env` leaves. */
const CLEAR_ENV = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  container: "lxc",
  TERM: "linux",
};

/** Makes the system that a template unpacks to. */
export const createGuest: MakeGuest = async (template, around) => {
  await loadParser();
  return new SimulatedGuest(template, around);
};

class SimulatedGuest implements Guest {
  readonly argvs: string[][] = [];
  readonly variables: Set<string> = new Set();
  readonly #machine: Machine;
  readonly #system: Kernel;
  #running = false;

  constructor(template: string, around: GuestSurroundings) {
    this.#machine = {
      distro: distroOf(template),
      around,
      tree: new FileTree(),
      packages: new Map(),
      indexed: false,
      active: new Set(),
      locales: new Set(["C", "C.utf8", "POSIX"]),
    };
    const { tree } = this.#machine;
    const programs = guestPrograms(this.#machine);
    this.#system = new Kernel({
      tree,
      programs,
      fallback: stub,
      missing: (name) => name.includes("/") ? `${name}: not found` : notHere(name),
      listening: () => ["ssh", "sshd"].some((unit) => this.#machine.active.has(unit)) ? [22] : [],
      onExec: (argv, env) => {
        this.argvs.push(argv.map(fromByteString));
        for (const [name, value] of env) this.variables.add(fromByteString(`${name}=${value}`));
      },
    });
    unpackTemplate(this.#machine, programs.keys());
  }

  async exec(argv: readonly string[], io: GuestIo): Promise<number> {
    this.#boot();
    const { stdin, terminal = false } = io;
    let open = 2;
    const closed = () => --open === 0 && io.closed?.();
    const process = this.#start(argv.map(toByteString), { ...CLEAR_ENV, ...io.env }, [
      new OpenInput(stdin, terminal),
      new OpenOutput((chunk) => io.stdout(chunk), closed, terminal),
      new OpenOutput((chunk) => io.stderr(chunk), closed, terminal),
    ]);
    const stop = () => process.signal(SIGNAL.KILL);
    if (io.signal?.aborted) stop();
    io.signal?.addEventListener("abort", stop, { once: true });
    try {
      return await process.exited;
    } finally {
      io.signal?.removeEventListener("abort", stop);
    }
  }

  read(path: string): Promise<Uint8Array | undefined> {
    const node = this.#machine.tree.find(toByteString(path));
    return Promise.resolve(node?.kind === "file" ? contentOf(node).slice() : undefined);
  }

  write(path: string, data: Uint8Array, mode?: number): Promise<void> {
    this.#machine.tree.write(toByteString(path), data.slice(), mode);
    return Promise.resolve();
  }

  root(): DirNode {
    return this.#machine.tree.root;
  }

  stop(): void {
    this.#system.stop();
    this.#running = false;
  }

  /** The container's start as it shows inside, at the first command after it. */
  #boot(): void {
    if (this.#running) return;
    this.#running = true;
    boot(this.#machine);
    const group = { pgid: 1, sid: 1 };
    const from = { cwd: "/", env: new Map(), umask: 0o022, who: ROOT_USER, ...group };
    this.#system.start(
      undefined,
      from,
      ["/sbin/init"],
      (init) => init.wait(new Promise<number>(() => {})),
    );
  }

  #start(
    argv: readonly string[],
    env: Record<string, string>,
    files: readonly OpenFile[],
  ): Process {
    const group = this.#system.foreignGroup();
    const variables = Object.entries(env).map(([name, value]) =>
      [toByteString(name), toByteString(value)] as const
    );
    const from = {
      cwd: "/root",
      env: new Map(variables),
      umask: 0o022,
      who: ROOT_USER,
      pgid: group,
      sid: group,
    };
    const fds = new Map(files.entries());
    return this.#system.start(undefined, from, argv, (process) => this.#attach(process, argv), fds);
  }

  async #attach(process: Process, argv: readonly string[]): Promise<number> {
    const words = argv.length > 0 ? argv : ["/bin/sh"];
    try {
      return await this.#system.become(process, words);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const place =
        `${this.#machine.around.vmid}: ../src/lxc/attach.c: lxc_attach_run_command: 1845`;
      await process.write(
        2,
        bytesOf(`lxc-attach: ${place} ${error.message} - Failed to exec "${words[0]}"\n`),
      );
      return error.code === "ENOENT" ? 127 : 126;
    }
  }
}
