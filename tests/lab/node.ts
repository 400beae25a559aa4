import assert from "node:assert/strict";
import { basename } from "node:path";
import { poll } from "../../lib/core/poll.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { cgroupRoot, claimRun, type Run } from "./runs.ts";

const script = new URL("node.sh", import.meta.url).pathname;

/** What a command left that ran to its end. */
export interface Ended {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

/**
 * A Proxmox node as a lab has it: namespaces of its own, with a bridge `vmbr0`, DHCP, a way out to the
 * network and an overlay of this machine's files. Nothing it does is left on the machine.
 */
export class LabNode implements AsyncDisposable {
  readonly name: string;
  /** Its first process, as this machine counts. */
  readonly pid: number;
  /** On this machine; `/run/lab` on the node. */
  readonly directory: string;
  readonly #run: Run;
  readonly #holder: Deno.ChildProcess;
  readonly #network: Deno.ChildProcess;
  #closing: Promise<void> | undefined;

  private constructor(
    name: string,
    pid: number,
    run: Run,
    holder: Deno.ChildProcess,
    network: Deno.ChildProcess,
  ) {
    this.name = name;
    this.pid = pid;
    this.directory = run.directory;
    this.#run = run;
    this.#holder = holder;
    this.#network = network;
  }

  /**
   * Starts a node.
   *
   * @param name Its host name.
   * @param cache The directory with the templates.
   */
  static async start(name: string, cache: string): Promise<LabNode> {
    const run = await claimRun();
    try {
      await Deno.mkdir(`${run.directory}/view`);
      const enter = `echo 0 >"$1/cgroup.procs" && shift && exec "$@"`;
      const namespaces = ["--pid", "--fork", "--mount", "--net", "--uts", "--ipc", "--cgroup"];
      const holder = new Deno.Command("sh", {
        args: ["-c", enter, "sh", `${await cgroupRoot()}/${basename(run.directory)}`]
          .concat("unshare", namespaces, "sh", script, run.directory, cache, name),
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const pid = Number(await firstLines(holder, /^(\d+)\nready\n/));
      const network = await startNetwork(pid, `${run.directory}/slirp.sock`);
      return new LabNode(name, pid, run, holder, network);
    } catch (error) {
      await run.release();
      throw error;
    }
  }

  /** A path of the node as this machine finds it. */
  path(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  /** Starts a program on the node. */
  spawn(argv: readonly string[], options: Deno.CommandOptions = {}): Deno.ChildProcess {
    return new Deno.Command("nsenter", {
      ...options,
      args: ["--target", String(this.pid), "--mount", "--net", "--uts", "--ipc", "--pid"]
        .concat("--cgroup", "--", ...argv),
      clearEnv: true,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" },
    }).spawn();
  }

  /** Runs a program on the node to its end. */
  async exec(argv: readonly string[], stdin: string | Uint8Array = ""): Promise<Ended> {
    const child = this.spawn(argv, { stdin: "piped", stdout: "piped", stderr: "piped" });
    const [{ code, stdout, stderr }] = await Promise.all([
      child.output(),
      // A program that does not read its input may end before it is there.
      new Blob([typeof stdin === "string" ? stdin : new Uint8Array(stdin)]).stream()
        .pipeTo(child.stdin).catch(() => {}),
    ]);
    return { code, stdout, stderr: new TextDecoder().decode(stderr) };
  }

  /**
   * Runs a shell script on the node, which must end well.
   *
   * @returns What it printed.
   */
  async sh(source: string, args: readonly string[] = [], stdin?: string): Promise<string> {
    const ended = await this.exec(["sh", "-euc", source, "sh", ...args], stdin);
    if (ended.code !== 0) throw new Error(ended.stderr.trim() || `exit status ${ended.code}`);
    return new TextDecoder().decode(ended.stdout);
  }

  /**
   * Lets a TCP port of the node be reached from this machine.
   *
   * @returns The port on 127.0.0.1.
   */
  async forward(port: number): Promise<number> {
    for (let attempt = 0; attempt < 10; attempt++) {
      // It chooses no port itself: another process may take the free one first.
      const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const free = probe.addr.port;
      probe.close();
      const reply = await this.#askNetwork({
        execute: "add_hostfwd",
        arguments: { proto: "tcp", host_addr: "127.0.0.1", host_port: free, guest_port: port },
      });
      if (!reply.includes(`"error"`)) return free;
    }
    throw new Error(`port ${port} of the node cannot be forwarded`);
  }

  async #askNetwork(question: unknown): Promise<string> {
    const path = `${this.directory}/slirp.sock`;
    using connection = await Deno.connect({ transport: "unix", path });
    await connection.write(new TextEncoder().encode(JSON.stringify(question)));
    await connection.closeWrite();
    const answer = new Uint8Array(4096);
    return new TextDecoder().decode(answer.subarray(0, await connection.read(answer) ?? 0));
  }

  /** Ends the node with all that runs on it. Safe to call twice. */
  close(): Promise<void> {
    return this.#closing ??= (async () => {
      await Promise.all([end(this.#network), end(this.#holder)]);
      await this.#run.release();
    })();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Both end when their standard input does, so that they also end with this process. */
async function end(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close();
  await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
}

/** Reads standard output up to where it says this. */
async function firstLines(child: Deno.ChildProcess, wanted: RegExp): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let said = "";
  const reader = child.stdout.getReader();
  try {
    while (!wanted.test(said)) {
      const { value, done } = await reader.read();
      if (done) break;
      said += decoder.decode(value, { stream: true });
    }
  } finally {
    reader.releaseLock();
  }
  const match = wanted.exec(said);
  if (match) return match[1];
  const complaint = await new Response(child.stderr).text();
  await Promise.all([child.stdin.abort(), child.stdout.cancel(), child.status]).catch(() => {});
  assert.fail(`the node does not start: ${complaint.trim()}`);
}

/** The way out: a TAP device on the node whose packets become connections of one process here. */
async function startNetwork(pid: number, socket: string): Promise<Deno.ChildProcess> {
  const command =
    'exec slirp4netns --configure --mtu=65520 --exit-fd=3 --api-socket="$2" "$1" tap0';
  const child = new Deno.Command("sh", {
    args: ["-c", `${command} 3<&0 </dev/null`, "sh", String(pid), socket],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let ended: number | undefined;
  child.status.then(({ code }) => ended = code);
  await poll(async () => {
    if (ended !== undefined) {
      throw new Error(`slirp4netns does not start: ${await new Response(child.stderr).text()}`);
    }
    return await Deno.stat(socket).then(() => true, () => undefined);
  }, { clock: systemClock, what: "the node's network", timeout: 120_000, first: 5, longest: 20 });
  return child;
}
