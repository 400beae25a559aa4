import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { type TlsOptions, tlsTransport } from "../../lib/proxmox/http/tls.ts";
import type { ByteTransport } from "../../lib/proxmox/http/transport.ts";

/** Runs `use` with a transport and closes it, whatever happens. */
export async function withTransport(
  options: TlsOptions,
  use: (transport: ByteTransport) => Promise<void>,
): Promise<void> {
  const transport = tlsTransport(options);
  try {
    await use(transport);
  } finally {
    await transport.close();
  }
}

/** Waits until `holds` does, at most a minute. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, "waited 60 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("it was not rejected");
}

/** Listens on a free port of this machine and returns it. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

/** A TCP server without TLS on a free port of this machine. */
export async function plainServer(
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { port: number; open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.resume();
    onConnection(socket);
  });
  return {
    port: await listen(server),
    open,
    [Symbol.asyncDispose]: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      return closed;
    },
  };
}
