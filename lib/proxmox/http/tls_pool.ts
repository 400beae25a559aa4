import { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { connectTrusted, type Endpoint, type Trust } from "./tls_connect.ts";

/** Connections to one place, shared by all requests. */
export interface Pool {
  /** Agent that gives `node:https` its connections. */
  readonly agent: Agent;
  /** Trust that new connections need. */
  trust: Trust;
  /** Ends all of them. */
  close(): Promise<void>;
}

/** A request that waits for a connection. */
interface Waiting {
  readonly take: (socket: Duplex) => void;
}

/**
 * A pool whose connections have proved themselves before a request can see them. Who finds none
 * free gets the first that becomes so: a new one, or one whose reply came before that was made.
 *
 * It is not the agent that keeps the connections: Deno's node:http sends a request again by itself
 * when a connection that its agent has kept drops before the reply, which is wrong for a write.
 *
 * @param idleTimeout Milliseconds after which an unused connection is closed.
 */
export function trustedPool(endpoint: Endpoint, trust: Trust, idleTimeout: number): Pool {
  const sockets = new Set<Duplex>();
  /** Those that nobody uses, each with what ends it. */
  const idle = new Map<Duplex, ReturnType<typeof setTimeout>>();
  const waiting = new Set<Waiting>();
  let closed = false;

  function track(socket: Duplex): void {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      takeIdle(socket);
    });
    if (closed) socket.destroy();
  }

  function takeIdle(socket: Duplex): void {
    clearTimeout(idle.get(socket));
    idle.delete(socket);
  }

  function release(socket: Duplex): void {
    if (socket.destroyed || !socket.writable) return;
    const [next] = waiting;
    if (next !== undefined) {
      waiting.delete(next);
      return next.take(socket);
    }
    idle.set(socket, setTimeout(() => socket.destroy(), idleTimeout));
  }

  function acquire(
    _options: unknown,
    done: (error: Error | null, socket?: Duplex) => void,
  ): void {
    const ready = [...idle.keys()].findLast((socket) => socket.writable);
    if (ready !== undefined) {
      takeIdle(ready);
      return done(null, ready);
    }
    const entry: Waiting = { take: (socket) => done(null, socket) };
    waiting.add(entry);
    connectTrusted(endpoint, pool.trust, track).then(
      (socket) => waiting.delete(entry) ? done(null, socket) : release(socket),
      (error) => waiting.delete(entry) && done(error),
    );
  }

  const agent = new Agent({ keepAlive: true });
  Object.assign(agent, { createConnection: acquire });
  // Instead of the agent's own keeping: nothing of a connection that is free is left with it.
  agent.removeAllListeners("free").on("free", (socket: Duplex) => {
    socket.emit("agentRemove");
    release(socket);
  });
  const pool: Pool = {
    agent,
    trust,
    close: async () => {
      closed = true;
      for (const timer of idle.values()) clearTimeout(timer);
      await Promise.all(
        [...sockets].map((socket) =>
          new Promise((resolve) => socket.once("close", resolve).destroy())
        ),
      );
    },
  };
  return pool;
}
