import { connect, createServer, type Socket } from "node:net";
import { listen } from "./transport.ts";

/** A proxy for CONNECT that remembers what it was asked and what it saw. */
export interface ConnectProxy extends AsyncDisposable {
  readonly port: number;
  /** The heads of all requests. */
  readonly heads: string[];
  /** Every byte that clients sent through tunnels, as latin1. */
  tunnelled: string;
}

/** How a proxy of the test answers. */
export interface ConnectProxyOptions {
  /** Where every tunnel leads, whatever was asked for. */
  readonly to: number;
  /** What stands in its reply; `200 Connection established` unless something else is said. */
  readonly reply?: string;
  /** The value of Proxy-Authorization that it insists on. */
  readonly login?: string;
}

/** Starts a proxy on a free port of this machine. */
export async function connectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const { to, reply = "200 Connection established", login } = options;
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((client) => {
    keep(client);
    let head = "";
    const read = (chunk: Uint8Array): void => {
      head += new TextDecoder("latin1").decode(chunk);
      if (!head.includes("\r\n\r\n")) return;
      client.off("data", read);
      state.heads.push(head);
      const allowed = login === undefined || head.includes(`Proxy-Authorization: ${login}\r\n`);
      const answer = allowed ? reply : "407 Proxy Authentication Required";
      if (!answer.startsWith("2")) return void client.end(`HTTP/1.1 ${answer}\r\n\r\n`);
      const upstream = connect(to, "127.0.0.1");
      keep(upstream);
      client.on("data", (chunk: Uint8Array) => {
        state.tunnelled += new TextDecoder("latin1").decode(chunk);
      });
      client.on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
      upstream.once("connect", () => {
        client.write(`HTTP/1.1 ${answer}\r\nX-Proxy: test\r\n\r\n`);
        client.pipe(upstream).pipe(client);
      });
    };
    client.on("data", read);
  });
  const state: ConnectProxy = {
    port: await listen(server),
    heads: [],
    tunnelled: "",
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
  return state;
}
