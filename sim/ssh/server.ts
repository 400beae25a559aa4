import { connect, createServer, type Server as TcpServer, type Socket } from "node:net";
import { Server } from "../../deps/ssh2.ts";
import type { Connection } from "../../deps/ssh2.ts";
import type { Clock } from "../../lib/core/platform.ts";
import type { OnArrival } from "../arrival.ts";
import type { NodeSystem } from "../node/system.ts";
import { endDecipher } from "./end_decipher.ts";
import type { Faults } from "./faults.ts";
import { type KeyPair, makeKeyPair } from "./keys.ts";
import { authenticate } from "./login.ts";
import { readLoginLine } from "./login_line.ts";
import { serveSession } from "./session.ts";
import type { SshCommand, SshNode, SshUser } from "./types.ts";

/** OpenSSH's MaxSessions. */
const MAX_SESSIONS = 10;

/** Parts of one node's server. */
export interface NodeServerParts {
  readonly node: string;
  readonly system: NodeSystem;
  readonly users: readonly SshUser[];
  readonly clientKey: KeyPair;
  readonly faults: Faults;
  /** The cluster's own. */
  readonly clock: Clock;
  readonly apiPort: number | undefined;
  readonly onArrival: OnArrival | undefined;
  readonly onCommand: (command: SshCommand) => void;
}

/** The server of one node. */
export interface NodeServer {
  readonly address: SshNode;
  close(): Promise<void>;
}

/** Starts the server of one node on a free port. */
export async function startNodeServer(parts: NodeServerParts): Promise<NodeServer> {
  const { faults, node, system } = parts;
  const hostKey = makeKeyPair(node);
  const ssh = new Server({ hostKeys: [hostKey.privateKey] }, (connection) => {
    serveConnection(connection, parts, () => sockets.get(connection)?.destroy());
  });
  const sockets = new WeakMap<Connection, Socket>();
  const open = new Set<Socket>();
  let accepted: Socket | undefined;
  ssh.on("connection", (connection) => {
    if (accepted !== undefined) sockets.set(connection, accepted);
  });
  const front = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    parts.onArrival?.({ by: "SSH", node });
    if (faults.refuses(node)) return void socket.destroy();
    socket.setNoDelay(true);
    socket.on("data", () => {
      if (faults.drops("drop-packet", node)) socket.destroy();
    });
    accepted = socket;
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", () => resolve()));
  const address = front.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: {
      host: "127.0.0.1",
      port,
      hostKey: `[127.0.0.1]:${port} ${hostKey.publicKey}`,
      publicKey: hostKey.publicKey,
    },
    close: async () => {
      system.stop();
      for (const socket of open) socket.destroy();
      await closeServer(front);
    },
  };
}

function closeServer(server: TcpServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function serveConnection(connection: Connection, parts: NodeServerParts, drop: () => void): void {
  const { node, users, clientKey, faults } = parts;
  let user = "";
  let sessions = 0;
  const tunnels = new Set<Socket>();
  // A channel of a connection that is gone already never closes.
  connection.on("close", () => tunnels.forEach((socket) => socket.destroy()));
  connection.on("close", () => endDecipher(connection));
  connection.on("error", () => {});
  connection.on("authentication", (context) => {
    user = context.username;
    authenticate(context, users, clientKey.parsed);
  });
  // keepalive@openssh.com: any answer will do.
  connection.on("request", (_accept, reject) => reject?.());
  connection.on("session", (accept, reject) => {
    if (sessions >= MAX_SESSIONS) return void reject();
    sessions++;
    const session = accept();
    session.on("close", () => sessions--);
    serveSession(session, {
      system: parts.system,
      user,
      begin: async (line, closed) => {
        const command = readLoginLine(line)?.command ?? line;
        parts.onArrival?.({ by: "SSH", node, command });
        if (faults.drops("drop-exec", node)) {
          drop();
          return undefined;
        }
        const record = { node, user, command, stdin: 0 };
        parts.onCommand(record);
        const ms = faults.delay(node);
        if (ms > 0) await parts.clock.sleep(ms, closed).catch(() => {});
        return record;
      },
      startUp: faults.startUp(node),
    });
  });
  connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
    const local = ["127.0.0.1", "localhost", "::1"].includes(destIP) && destPort === 8006;
    if (!local || parts.apiPort === undefined) return void reject();
    const socket = forward(accept, reject, parts.apiPort);
    tunnels.add(socket);
    socket.once("close", () => tunnels.delete(socket));
  });
}

type Accept = () => NodeJS.ReadWriteStream;

/** Connects a forwarded channel with a port of this machine. */
function forward(accept: Accept, reject: () => void, port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.once("error", reject);
  socket.once("connect", () => {
    socket.off("error", reject).setNoDelay(true);
    const channel = accept();
    socket.on("error", () => channel.end());
    channel.on("error", () => socket.destroy());
    channel.on("close", () => socket.destroy());
    channel.pipe(socket).pipe(channel);
  });
  return socket;
}
