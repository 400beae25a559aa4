import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { createServer, request as httpsRequest } from "node:https";
import type { Env } from "../../lib/core/platform.ts";
import type { Simulator } from "../../sim/mod.ts";
import { selfSigned } from "./certificate.ts";
import { listen } from "./transport.ts";

/** How a reverse proxy behaves. */
export interface ReverseProxyOptions {
  /** Whether it passes a request on and then gives up waiting: the client is told 504. */
  readonly givesUp?: (method: string, path: string) => boolean;
  /** What it makes of the text of a reply. */
  readonly rewrites?: (text: string, method: string, path: string) => string;
}

/** A reverse proxy in front of a simulated cluster. */
export interface ReverseProxy extends AsyncDisposable {
  /** The variables that lead through it, to be set above those of the simulator. */
  readonly env: Env;
}

/**
 * Starts a reverse proxy with a certificate of its own and a prefix before every path. It reads a
 * request and a reply to their ends before it passes them on, and sends replies in chunks.
 */
export async function reverseProxy(
  { port, caPem }: Simulator,
  { givesUp = () => false, rewrites = (text) => text }: ReverseProxyOptions = {},
): Promise<ReverseProxy> {
  const { key, cert, fingerprint } = await selfSigned();
  const server = createServer({ key, cert }, async (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const path = url.replace(/^\/pve/, "");
    const body = await whole(incoming);
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { host: "127.0.0.1", port, ca: caPem, checkServerIdentity: () => undefined };
      httpsRequest({ ...options, method, path, headers, agent: false }, resolve)
        .on("error", reject).end(body);
    });
    const text = Buffer.from(rewrites((await whole(reply)).toString(), method, path));
    if (givesUp(method, path)) return void outgoing.writeHead(504, "Gateway Timeout").end();
    const { "content-length": _, connection: __, ...others } = reply.headers;
    outgoing.writeHead(reply.statusCode ?? 502, reply.statusMessage, others);
    for (let at = 0; at < text.length; at += 100) outgoing.write(text.subarray(at, at + 100));
    outgoing.end();
  });
  const own = await listen(server);
  return {
    env: { PROXMOX_HOST: `https://127.0.0.1:${own}/pve`, PROXMOX_FINGERPRINT: fingerprint },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
