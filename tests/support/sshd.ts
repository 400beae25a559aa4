import assert from "node:assert/strict";
import { systemClock } from "../../lib/host/clock.ts";
import { denoFiles } from "../../lib/host/files.ts";
import { type ConnectOptions, connectSsh } from "../../lib/ssh/client/connect.ts";
import type { SshConnection } from "../../lib/ssh/client/connection.ts";
import { knownHostKeys } from "../../lib/ssh/trust/host_keys.ts";
import { readIdentities } from "../../lib/ssh/auth/identity.ts";
import { readKnownHosts } from "../../lib/ssh/trust/known_hosts.ts";
import { writeProgram } from "./program.ts";

/** Key types of `ssh-keygen -t`. */
export type KeyType = "ed25519" | "rsa" | "ecdsa";

/** Debian's OpenSSH server with a configuration, keys and directory of its own. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** Holds everything; removed in the end. */
  readonly directory: string;
  /** Whom it lets in: the user who runs the tests. */
  readonly user: string;
  /** A new key pair that it accepts; the private key's path. */
  newKey(name: string, type?: KeyType, extra?: readonly string[]): Promise<string>;
  /** Writes a known_hosts file with these of its host keys. */
  knownHosts(...types: KeyType[]): Promise<string>;
  /** Connects with the key files named, believing its ed25519 key unless a known_hosts file is named. */
  connect(
    keys: readonly string[],
    options?: Partial<ConnectOptions> & { readonly knownHostsFile?: string },
  ): Promise<SshConnection>;
}

/** Runs one program to its end, which must be a good one, and gives its output. */
export async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], env })
    .output();
  assert.equal(code, 0, `${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** A started program that is ended by its handle. */
interface Started extends AsyncDisposable {
  /** Whether its error output came to hold this text before it ended. */
  says(text: string): Promise<boolean>;
}

function start(program: string, args: readonly string[]): Started {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const waiting = new Set<() => void>();
  const ended = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += chunk;
      waiting.forEach((look) => look());
    }
    await child.status;
  })();
  return {
    says(text) {
      return new Promise((resolve) => {
        const look = (): void => said.includes(text) ? resolve(true) : undefined;
        waiting.add(look);
        look();
        ended.then(() => resolve(said.includes(text)));
      });
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended by itself.
      }
      await ended;
    },
  };
}

/** What a server has of its own besides its configuration. */
export interface SshdOptions {
  /** Where PAM asks, the one right answer. */
  readonly pamPassword?: string;
  /** The login shell of its user, and the files in a home of their own. */
  readonly login?: { readonly shell: string; readonly files: Readonly<Record<string, string>> };
}

/** A passwd file in which the user has this shell, and a home with these files. */
async function writeLogin(
  directory: string,
  user: string,
  { shell, files }: NonNullable<SshdOptions["login"]>,
): Promise<string> {
  const home = `${directory}/home`;
  for (const [name, text] of Object.entries(files)) {
    const path = `${home}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  const path = `${directory}/passwd`;
  const lines = (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) =>
    line.startsWith(`${user}:`) ? `${line.split(":", 5).join(":")}:${home}:${shell}` : line
  );
  await Deno.writeTextFile(path, lines.join("\n"));
  return path;
}

/** A PAM configuration that knows one password and no accounts. */
async function writePam(directory: string, password: string): Promise<string> {
  const check = `${directory}/check-password`;
  await Deno.writeTextFile(check, `#!/bin/sh\nread -r given\n[ "$given" = '${password}' ]\n`);
  const path = `${directory}/pam`;
  const lines = [
    `auth required pam_exec.so quiet expose_authtok /bin/sh ${check}`,
    "auth optional pam_permit.so",
    "account required pam_permit.so",
    "session required pam_permit.so",
    "",
  ];
  await Deno.writeTextFile(path, lines.join("\n"));
  return path;
}

/** Starts a program that sees other files in the place of some of the machine's. */
function startWith(
  mounts: Readonly<Record<string, string>>,
  program: string,
  args: readonly string[],
): Started {
  const binds = Object.entries(mounts).map(([to, from]) => `mount --bind ${from} ${to} && `);
  if (binds.length === 0) return start(program, args);
  return start("unshare", [
    "--mount",
    "sh",
    "-c",
    `${binds.join("")}exec "$0" "$@"`,
    program,
    ...args,
  ]);
}

/**
 * Starts a server on a free port of the loopback interface.
 *
 * @param config Further lines for its sshd_config; they win over its own.
 * @param types Its host keys.
 * @param options What else it has of its own.
 */
export async function startSshd(
  config: readonly string[] = [],
  types: readonly KeyType[] = ["ed25519"],
  options: SshdOptions = {},
): Promise<Sshd> {
  const directory = await Deno.makeTempDir({ prefix: "sshd-" });
  const user = (await run("id", ["-un"])).trim();
  if (user === "root") await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  for (const type of types) {
    await run("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", `${directory}/host_${type}`]);
  }
  await Deno.writeTextFile(`${directory}/authorized_keys`, "");
  const { pamPassword, login } = options;
  const mounts: Record<string, string> = {
    ...(pamPassword !== undefined && { "/etc/pam.d/sshd": await writePam(directory, pamPassword) }),
    ...(login !== undefined && { "/etc/passwd": await writeLogin(directory, user, login) }),
  };
  const { port, server } = await listen(directory, mounts, [
    ...config,
    ...types.map((type) => `HostKey ${directory}/host_${type}`),
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    "ListenAddress 127.0.0.1",
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    // Else bash reads the user's own start files, whatever they may do.
    "SetEnv SHLVL=2",
  ]);

  const knownHosts: Sshd["knownHosts"] = async (...types) => {
    const keys = await Promise.all(
      types.map((type) => Deno.readTextFile(`${directory}/host_${type}.pub`)),
    );
    const path = `${directory}/known_hosts`;
    await Deno.writeTextFile(path, keys.map((key) => `[127.0.0.1]:${port} ${key}`).join(""));
    return path;
  };
  return {
    port,
    directory,
    user,
    knownHosts,
    async newKey(name, type = "ed25519", extra = ["-N", ""]) {
      const path = `${directory}/${name}`;
      await run("ssh-keygen", ["-q", "-t", type, "-f", path, ...extra]);
      const line = await Deno.readTextFile(`${path}.pub`);
      await Deno.writeTextFile(`${directory}/authorized_keys`, line, { append: true });
      return path;
    },
    async connect(keys, options = {}) {
      const file = options.knownHostsFile ?? await knownHosts("ed25519");
      const name = { host: "127.0.0.1", port };
      return await connectSsh({
        ...name,
        user,
        hostKeys: knownHostKeys(await readKnownHosts(denoFiles, [file]), name, file),
        identities: await readIdentities(denoFiles, keys),
        clock: systemClock,
        ...options,
      });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** sshd picks no port itself: another process may take the free one first. */
async function listen(
  directory: string,
  mounts: Readonly<Record<string, string>>,
  config: readonly string[],
): Promise<{ port: number; server: Started }> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = probe.addr;
    probe.close();
    const file = `${directory}/sshd_config`;
    await Deno.writeTextFile(file, [`Port ${port}`, ...config, ""].join("\n"));
    const server = startWith(mounts, "/usr/sbin/sshd", ["-D", "-e", "-f", file]);
    if (await server.says("Server listening on")) return { port, server };
    await server[Symbol.asyncDispose]();
  }
  throw new Error("sshd does not start");
}

/** An ssh-agent that ends with its scope. */
export interface Agent extends AsyncDisposable {
  readonly socket: string;
  /** Adds a key file; its passphrase, where it has one, is asked for as ssh-add does. */
  add(path: string, passphrase?: string): Promise<void>;
}

/** Starts an ssh-agent whose socket lies in a directory. */
export async function startSshAgent(directory: string): Promise<Agent> {
  const socket = `${directory}/agent.sock`;
  const agent = new Deno.Command("ssh-agent", {
    args: ["-D", "-a", socket],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // It says where it listens once it does.
  const reader = agent.stdout.getReader();
  await reader.read();
  return {
    socket,
    async add(path, passphrase = "") {
      const ask = `${directory}/askpass`;
      await writeProgram(ask, `#!/bin/sh\necho '${passphrase}'\n`, 0o700);
      const env = { SSH_AUTH_SOCK: socket, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: "force" };
      await run("ssh-add", ["-q", path], env);
    },
    async [Symbol.asyncDispose]() {
      agent.kill("SIGTERM");
      await reader.cancel();
      await agent.status;
    },
  };
}
