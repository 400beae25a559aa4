import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { Certificate } from "./certificate.ts";

/** One HTTP request as a server's socket received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Head and body, byte for byte. */
  readonly raw: string;
}

/** A TLS server that speaks only what a test tells it to, and remembers everything. */
export interface TlsServer extends AsyncDisposable {
  readonly port: number;
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** Complete requests in the order of arrival. */
  readonly requests: ReceivedRequest[];
  /** Finished handshakes. */
  connections: number;
  /** Connections that are open now. */
  readonly open: ReadonlySet<TLSSocket>;
  /** Decrypted bytes received. */
  bytes: number;
}

/** Answers one request by writing to its socket. */
export type Respond = (request: ReceivedRequest, socket: TLSSocket) => void;

/** A TLS server on a free port of this machine, or on one that is known to be free. */
export async function tlsServer(
  certificate: Certificate,
  respond: Respond,
  on = 0,
): Promise<TlsServer> {
  const open = new Set<TLSSocket>();
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (socket) => {
    open.add(socket);
    state.connections++;
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    let pending = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      state.bytes += chunk.length;
      pending += chunk;
      for (let found = takeRequest(pending); found !== undefined; found = takeRequest(pending)) {
        pending = pending.slice(found.raw.length);
        state.requests.push(found);
        respond(found, socket);
      }
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(on, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const state: TlsServer = {
    port,
    url: `https://127.0.0.1:${port}`,
    requests: [],
    connections: 0,
    open,
    bytes: 0,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
  return state;
}

/** An HTTP reply with a JSON body, as a node writes it. */
export function httpReply(status: number, reason: string, body: unknown): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  return `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json;charset=UTF-8\r\n` +
    `Connection: Keep-Alive\r\nContent-Length: ${new TextEncoder().encode(text).length}\r\n\r\n` +
    text;
}

function takeRequest(text: string): ReceivedRequest | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const length = end + 4 + Number(headers["content-length"] ?? 0);
  if (text.length < length) return undefined;
  const [method = "", path = ""] = first.split(" ");
  return { method, path, headers, body: text.slice(end + 4, length), raw: text.slice(0, length) };
}
