import { connect as connectTo, createServer, type Socket } from "node:net";
import type { Connection, ServerChannel } from "../../deps/ssh2.ts";
import { Server, utils } from "../../deps/ssh2.ts";
import type { HostKeys } from "../../lib/ssh/trust/host_keys.ts";
import { knownHostKeys } from "../../lib/ssh/trust/host_keys.ts";
import { readLoginLine } from "../../sim/ssh/login_line.ts";
import { keyText } from "../../lib/ssh/trust/wire.ts";
import { parseKnownHosts } from "../../lib/ssh/trust/known_hosts.ts";
import { newKey } from "./ssh_agent.ts";

/** One attempt to log in, as the server sees it. */
export interface Login {
  readonly method: string;
  readonly user: string;
  /** The public key that was offered. */
  readonly key: Uint8Array | undefined;
  readonly password: string | undefined;
}

/** How a test server behaves. */
export interface TestSshOptions {
  /** Whether a login succeeds; undefined leaves it unanswered. Absent: everybody comes in. */
  readonly accept?: (login: Login) => boolean | undefined;
  /** What may be tried after a refusal. */
  readonly methods?: readonly ("publickey" | "password" | "keyboard-interactive")[];
  /** Absent: every command exits with 0. */
  readonly run?: (channel: ServerChannel, command: string) => void;
  /** Whether the login shell never comes to a command: what `run` does is its own doing. */
  readonly noShell?: boolean;
  /** Sessions of one connection at once. */
  readonly sessions?: number;
  readonly hostKeys?: readonly ("ed25519" | "rsa")[];
  /** Whether it connects to other hosts, as a jump host does; a port stands for all of them. */
  readonly forwards?: boolean | number;
}

/** An SSH server in this process, and what it saw. */
export interface TestSshServer extends AsyncDisposable {
  readonly port: number;
  /** Its public host keys. */
  readonly publicKeys: readonly Uint8Array[];
  /** Host keys that know this server. */
  readonly hostKeys: HostKeys;
  readonly logins: readonly Login[];
  readonly commands: readonly string[];
  /** How many connections were made. */
  readonly connections: number;
  /** How many of them there are now. */
  readonly open: number;
  /** The most sessions that ran at once. */
  readonly mostSessions: number;
  /** Cuts all connections, as a dying network does. */
  drop(): void;
  /** Reads and answers nothing more on the connections there are. */
  freeze(): void;
}

/** Starts a server on a free port of the loopback interface. */
export async function startSshServer(options: TestSshOptions = {}): Promise<TestSshServer> {
  const keys = (options.hostKeys ?? ["ed25519"]).map((type) =>
    type === "rsa" ? utils.generateKeyPairSync("rsa", { bits: 2048 }) : newKey("host")
  );
  const seen = {
    logins: [] as Login[],
    commands: [] as string[],
    connections: 0,
    mostSessions: 0,
  };
  const ssh = new Server({ hostKeys: keys.map((key) => key.private) }, (connection) => {
    seen.connections++;
    serve(connection, options, seen);
  });
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", () => resolve()));
  const address = front.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const publicKeys = keys.map((key) => {
    const parsed = utils.parseKey(key.private);
    if (parsed instanceof Error) throw parsed;
    return new Uint8Array(parsed.getPublicSSH());
  });
  const lines = publicKeys.map((key) => `[127.0.0.1]:${port} ${keyText(key)}`);
  const name = { host: "127.0.0.1", port };
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port,
    publicKeys,
    hostKeys: knownHostKeys(parseKnownHosts(lines.join("\n"), "known_hosts"), name, "known_hosts"),
    get logins() {
      return seen.logins;
    },
    get commands() {
      return seen.commands;
    },
    get connections() {
      return seen.connections;
    },
    get open() {
      return sockets.size;
    },
    get mostSessions() {
      return seen.mostSessions;
    },
    drop,
    freeze: () => sockets.forEach((socket) => socket.pause()),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()));
      drop();
      await closed;
    },
  };
}

const allMethods = ["publickey", "password", "keyboard-interactive"] as const;

interface Seen {
  readonly logins: Login[];
  readonly commands: string[];
  mostSessions: number;
}

function serve(connection: Connection, options: TestSshOptions, seen: Seen): void {
  let sessions = 0;
  connection.on("error", () => {});
  connection.on("authentication", (context) => {
    const login = {
      method: context.method,
      user: context.username,
      key: context.method === "publickey" ? new Uint8Array(context.key.data) : undefined,
      password: context.method === "password" ? context.password : undefined,
    };
    // A key is offered first and signed with only when it would do.
    if (context.method !== "publickey" || context.signature === undefined) seen.logins.push(login);
    const verdict = options.accept === undefined || options.accept(login);
    if (verdict === true) context.accept();
    if (verdict === false) context.reject([...options.methods ?? allMethods]);
  });
  connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
    if (!options.forwards) return reject();
    const socket = typeof options.forwards === "number"
      ? connectTo(options.forwards, "127.0.0.1")
      : connectTo(destPort, destIP);
    socket.once("error", () => reject());
    socket.once("connect", () => {
      const channel = accept();
      channel.on("error", () => {});
      channel.on("close", () => socket.destroy());
      socket.on("error", () => channel.close());
      channel.pipe(socket).pipe(channel);
    });
  });
  connection.on("session", (accept, reject) => {
    if (sessions >= (options.sessions ?? Infinity)) return reject();
    seen.mostSessions = Math.max(seen.mostSessions, ++sessions);
    const session = accept();
    session.on("exec", (acceptExec, _reject, { command: line }) => {
      const { id, command } = readLoginLine(line) ?? { id: "", command: line };
      seen.commands.push(command);
      const channel = acceptExec();
      if (!options.noShell) {
        channel.stderr.write(`pxrun-err:${id}:`);
        channel.write(`pxrun-out:${id}:`);
      }
      channel.on("error", () => {});
      channel.on("close", () => sessions--);
      if (options.run) options.run(channel, command);
      else endCommand(channel);
      // A channel closes only when its input was read.
      if (channel.readableFlowing === null) channel.resume();
    });
  });
}

/** Ends a command the way OpenSSH does: exit status, end of output, close. */
export function endCommand(channel: ServerChannel, code = 0): void {
  channel.exit(code);
  channel.end();
}
