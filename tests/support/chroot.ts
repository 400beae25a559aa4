import type { ExecOptions, ExecResult, SshTransport } from "../../lib/ssh/client/transport.ts";
import { writeProgram } from "./program.ts";

/** The shells that are `sh` in one distribution or another. */
export type Shell = "dash" | "ash" | "bash";

/** All of them. */
export const SHELLS: readonly Shell[] = ["dash", "ash", "bash"];

/** The vmid that the root file system answers to. */
export const VMID = 105;

/** What a small glibc system has. The ash root has BusyBox's applets instead. */
const PROGRAMS = (
  "awk base64 cat chmod chown cp cut date env false grep gzip head id kill ln ls mkdir mktemp mv " +
  "printf readlink rm rmdir sed sha256sum sleep sort stat su tail tar touch tr true uname wc"
).split(" ");
const UTIL_LINUX = ["runuser", "setsid"];
const SHADOW = ["useradd", "groupadd", "usermod", "chpasswd"];
/** On every root, since BusyBox has no such things. */
const ALWAYS = ["bash", "dpkg-query", "getent"];

/** How to make a root. */
export interface RootOptions {
  /** Programs to leave out. */
  readonly without?: readonly string[];
  /** The node has no lxc-attach, only pct. */
  readonly onlyPct?: boolean;
  /** Looks as if its C library were musl. */
  readonly musl?: boolean;
}

/**
 * A root file system with processes of its own, and a "node" around it whose
 * `lxc-attach` enters it: real shells and tools of this machine, only SSH is left out. It needs
 * root, also that of a user namespace with all ids, util-linux and busybox-static.
 */
export class TestRoot implements AsyncDisposable {
  /** Enters the root. */
  readonly ssh: SshTransport;
  /** Where the root is seen from outside. */
  readonly directory: string;
  /** The command lines that were run on the node. */
  readonly commands: string[] = [];
  readonly #base: string;
  readonly #holder: Deno.ChildProcess;
  readonly #running = new Set<Promise<unknown>>();

  private constructor(base: string, holder: Deno.ChildProcess) {
    this.#base = base;
    this.#holder = holder;
    this.directory = `${base}/root`;
    this.ssh = {
      exec: (command, options = {}) => this.#exec(command, options),
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** Builds a root whose `sh` is this shell. */
  static async open(shell: Shell, options: RootOptions = {}): Promise<TestRoot> {
    const base = await Deno.makeTempDir({ prefix: "pxrun-root-" });
    await Deno.chmod(base, 0o755);
    await fill(`${base}/root`, shell, options);
    const holder = new Deno.Command("unshare", {
      args: ["--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", HOLD, "sh", base],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const ready = holder.stdout.getReader();
    const { done } = await ready.read();
    await ready.cancel();
    if (done) throw new Error("the root's processes could not be started: are we root?");
    await writeEntry(base, holder.pid, options.onlyPct ?? false);
    return new TestRoot(base, holder);
  }

  /** The text of a file in the root. */
  read(path: string): Promise<string> {
    return Deno.readTextFile(this.directory + path);
  }

  /** Writes a file in the root. */
  write(path: string, text: string, mode = 0o644): Promise<void> {
    return Deno.writeTextFile(this.directory + path, text, { mode });
  }

  /** Puts a program of the test before all others, or at a path. */
  program(name: string, script: string): Promise<void> {
    const path = name.startsWith("/") ? name : `/usr/local/bin/${name}`;
    return writeProgram(this.directory + path, `#!/bin/sh\n${script}`);
  }

  /** The command lines of the root's processes, without its init and zombies. */
  async processes(): Promise<string[]> {
    // Empty for a process that has ended meanwhile, or that is not ours to see.
    const ask = (answer: Promise<string>): Promise<string> => answer.catch(() => "");
    const space = await Deno.readLink(`/proc/${this.#holder.pid}/ns/pid_for_children`);
    const found: string[] = [];
    for await (const { name } of Deno.readDir("/proc")) {
      if (await ask(Deno.readLink(`/proc/${name}/ns/pid`)) !== space) continue;
      if (/\) Z /.test(await ask(Deno.readTextFile(`/proc/${name}/stat`)))) continue;
      const words = (await ask(Deno.readTextFile(`/proc/${name}/cmdline`))).split("\0");
      const [program = ""] = words;
      // One that ended just now has no words left.
      if (program !== "" && !program.startsWith("/host/")) found.push(words.join(" ").trim());
    }
    return found;
  }

  async #exec(command: string, options: ExecOptions): Promise<ExecResult> {
    options.signal?.throwIfAborted();
    this.commands.push(command);
    const child = new Deno.Command("/bin/bash", {
      args: ["-c", command],
      clearEnv: true,
      env: { PATH: `${this.#base}/node` },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#running.add(child.status);
    options.onBegun?.();
    const out = collect(child.stdout, options.onStdout);
    const err = collect(child.stderr, options.onStderr);
    const fed = feed(child.stdin, options.stdin);
    // As in SSH, the end of the channel does not end the command.
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      const status = await Promise.race([child.status, aborted.promise]);
      await drain([out, err]);
      const signal = status.signal?.slice(3);
      return {
        code: signal === undefined ? status.code : undefined,
        signal,
        stdout: out.bytes(),
        stderr: err.bytes(),
      };
    } finally {
      options.signal?.removeEventListener("abort", abort);
      await Promise.all([out.cancel(), err.cancel(), fed.cancel()]);
    }
  }

  /** Ends all of the root's processes and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
    await Promise.all(this.#running);
    await Deno.remove(this.#base, { recursive: true });
  }
}

/** Mounted from this machine, since only the real root makes devices. */
const DEVICES = ["null", "zero", "urandom"] as const;

/** The init: mounts what the root needs, says so, and takes in orphans. */
const HOLD = `set -e
mount --make-rprivate /
mount --bind /usr "$1/root/host/usr"
mount -o remount,bind,ro "$1/root/host/usr"
mount -t proc proc "$1/root/proc"
for device in ${DEVICES.join(" ")}; do mount --bind "/dev/$device" "$1/root/dev/$device"; done
echo ready
exec chroot "$1/root" /host/usr/bin/dash -c '
while :; do /host/usr/bin/sleep 100000 & wait $!; done' >/dev/null`;

/** Makes the directories, accounts and programs of a root. */
async function fill(
  root: string,
  shell: Shell,
  { without = [], musl = false }: RootOptions,
): Promise<void> {
  const directories = "dev etc/pam.d home/dev host/usr proc root run tmp usr/bin usr/local/bin";
  for (const directory of directories.split(" ").concat("var/lib/dpkg", "var/log")) {
    await Deno.mkdir(`${root}/${directory}`, { recursive: true });
  }
  for (const directory of ["bin", "sbin"]) await Deno.symlink("usr/bin", `${root}/${directory}`);
  for (const directory of ["lib64", "share"]) {
    const place = directory === "share" ? "usr/share" : directory;
    await Deno.symlink(`/host/usr/${directory}`, `${root}/${place}`);
  }
  if (musl) await fillMusl(`${root}/lib`);
  else await Deno.symlink("host/usr/lib", `${root}/lib`);
  await Deno.chmod(`${root}/root`, 0o700);
  await Deno.chmod(`${root}/tmp`, 0o1777);
  await Deno.chown(`${root}/home/dev`, 1000, 1000);
  for (const device of DEVICES) await Deno.writeTextFile(`${root}/dev/${device}`, "");
  const files = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n",
    "etc/group": "root:x:0:\ndev:x:1000:\nstaff:x:50:\n",
    "etc/shadow": "root:*:20000::::::\ndev:!:20000::::::\n",
    "etc/shells": "/bin/sh\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/resolv.conf": "nameserver 192.0.2.53\n",
    "etc/pam.d/runuser": "auth sufficient pam_rootok.so\nsession required pam_permit.so\n",
    "var/lib/dpkg/status": "",
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  const links = new Map<string, string>();
  if (shell === "ash") {
    for (const applet of (await run("busybox", "--list")).split("\n").filter(Boolean)) {
      // Debian's own additions, which would pass for package managers.
      if (!["dpkg", "dpkg-deb", "rpm", "rpm2cpio"].includes(applet)) links.set(applet, "busybox");
    }
  } else {
    for (const name of [...PROGRAMS, ...UTIL_LINUX, ...SHADOW]) links.set(name, name);
  }
  for (const name of ALWAYS) links.set(name, name);
  links.set("sh", shell === "ash" ? "busybox" : shell);
  without.forEach((name) => links.delete(name));
  const places = new Map<string, string>();
  for (const program of new Set(links.values())) {
    places.set(program, await Deno.realPath((await run("which", program)).trim()));
  }
  for (const [name, program] of links) {
    await Deno.symlink(`/host${places.get(program)}`, `${root}/usr/bin/${name}`);
  }
}

/** A directory of libraries as usual, and musl's loader, which nothing uses. */
async function fillMusl(directory: string): Promise<void> {
  await Deno.mkdir(directory);
  for await (const { name } of Deno.readDir("/usr/lib")) {
    await Deno.symlink(`/host/usr/lib/${name}`, `${directory}/${name}`);
  }
  await Deno.writeTextFile(`${directory}/ld-musl-x86_64.so.1`, "");
}

/** What a node has to get into the root. */
async function writeEntry(base: string, holder: number, onlyPct: boolean): Promise<void> {
  const spaces = `--mount=/proc/${holder}/ns/mnt --pid=/proc/${holder}/ns/pid_for_children`;
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const enter = `exec nsenter ${spaces} env -i PATH=${path} container=lxc TERM=linux \
chroot ${base}/root "$@"\n`;
  const running = `[ "$2" = ${VMID} ] || {
echo "lxc-attach: $2: ../src/lxc/attach.c: get_attach_context: 406 Connection refused - Failed to get init pid" >&2
exit 1
}\n`;
  const lxcAttach = `[ "$1 $3 $4" = "-n --clear-env --" ] || exit 99\n${running}shift 4\n${enter}`;
  const pct = `[ "$1 $2 $3 $4 $5" = "exec ${VMID} --keep-env 0 --" ] || exit 99\nshift 5\n${enter}`;
  await Deno.mkdir(`${base}/node`);
  const programs = { pct, ...(onlyPct ? {} : { "lxc-attach": lxcAttach }) };
  for (const [name, script] of Object.entries(programs)) {
    await writeProgram(
      `${base}/node/${name}`,
      `#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n${script}`,
    );
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/**
 * Waits for the end of what a command that has ended wrote; where a child in the background keeps
 * the pipes open, until nothing has come for a while.
 */
async function drain(streams: readonly Collected[]): Promise<void> {
  const ended = Promise.all(streams.map(({ done }) => done));
  const received = (): number => streams.reduce((sum, stream) => sum + stream.received(), 0);
  for (let before = -1; before !== received();) {
    before = received();
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, 200);
    await Promise.race([ended, pause.promise]);
    clearTimeout(timer);
  }
}

interface Collected {
  readonly done: Promise<void>;
  /** How many bytes have come so far. */
  received(): number;
  bytes(): Uint8Array;
  cancel(): Promise<void>;
}

/** Reads a stream to its end, or until it is cancelled. */
function collect(
  stream: ReadableStream<Uint8Array>,
  see: ((chunk: Uint8Array) => void) | undefined,
): Collected {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let received = 0;
  const done = (async (): Promise<void> => {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      received += value.length;
      if (see) see(value);
      else chunks.push(value);
    }
  })();
  return {
    done,
    received: () => received,
    bytes: () => new Uint8Array(chunks.flatMap((chunk) => [...chunk])),
    cancel: async (): Promise<void> => {
      await reader.cancel();
      await done;
    },
  };
}

/** Writes all of the input, as far as the command takes it. */
function feed(
  stream: WritableStream<Uint8Array>,
  input: ExecOptions["stdin"],
): { cancel(): Promise<void> } {
  const writer = stream.getWriter();
  const chunks = typeof input === "string" ? [new TextEncoder().encode(input)] : input ?? [];
  void (async (): Promise<void> => {
    for await (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) {
      await writer.write(chunk);
    }
    await writer.close();
  })().catch(() => {});
  // As in SSH, nobody waits for a source that gives nothing.
  return { cancel: () => writer.abort().catch(() => {}) };
}
