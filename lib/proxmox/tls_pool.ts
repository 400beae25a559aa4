import { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { connectTrusted, type Endpoint, type Trust } from "./tls_connect.ts";
import type { Method } from "./transport.ts";

/** Connections to one place, shared by all requests. */
export interface Pool {
  /** What gives `node:https` its connection. */
  agentFor(method: Method): Agent;
  /** What new connections have to prove. */
  trust: Trust;
  /** Ends all of them. */
  close(): Promise<void>;
}

/**
 * A write takes only a connection that has shown a sign of life within so many milliseconds: what
 * is lost on one that has died meanwhile may not be sent a second time.
 */
const LIVELY = 2_000;

/** A connection that nobody uses: since when, and what ends it. */
interface Idle {
  readonly since: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** A request that waits for a connection. */
interface Waiting {
  readonly take: (socket: Duplex) => void;
}

/**
 * A pool whose connections have proved themselves before a request can see them. Who finds none
 * free gets the first that becomes so: a new one, or one whose reply came before that was made.
 *
 * It is not the agents that keep the connections. They would give one to requests of both kinds
 * alike, and Deno's node:http sends a request again by itself when a connection that its agent has
 * kept drops before the reply.
 *
 * @param idleTimeout Milliseconds after which an unused connection is closed.
 */
export function trustedPool(endpoint: Endpoint, trust: Trust, idleTimeout: number): Pool {
  const sockets = new Set<Duplex>();
  const idle = new Map<Duplex, Idle>();
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
    clearTimeout(idle.get(socket)?.timer);
    idle.delete(socket);
  }

  function release(socket: Duplex): void {
    if (socket.destroyed || !socket.writable) return;
    const [next] = waiting;
    if (next !== undefined) {
      waiting.delete(next);
      return next.take(socket);
    }
    const timer = setTimeout(() => socket.destroy(), idleTimeout);
    idle.set(socket, { since: performance.now(), timer });
  }

  function acquire(
    longest: number,
    done: (error: Error | null, socket?: Duplex) => void,
  ): void {
    const now = performance.now();
    const ready = [...idle].findLast(([socket, { since }]) =>
      now - since <= longest && socket.writable
    );
    if (ready !== undefined) {
      takeIdle(ready[0]);
      return done(null, ready[0]);
    }
    const entry: Waiting = { take: (socket) => done(null, socket) };
    waiting.add(entry);
    connectTrusted(endpoint, pool.trust, track).then(
      (socket) => waiting.delete(entry) ? done(null, socket) : release(socket),
      (error) => waiting.delete(entry) && done(error),
    );
  }

  function agent(longest: number): Agent {
    const made = new Agent({ keepAlive: true });
    Object.assign(made, {
      createConnection: (_options: unknown, done: Parameters<typeof acquire>[1]) =>
        acquire(longest, done),
    });
    // Instead of the agent's own keeping: nothing of a connection that is free is left with it.
    made.removeAllListeners("free").on("free", (socket: Duplex) => {
      socket.emit("agentRemove");
      release(socket);
    });
    return made;
  }

  const reads = agent(Infinity);
  const writes = agent(LIVELY);
  const pool: Pool = {
    agentFor: (method) => method === "GET" ? reads : writes,
    trust,
    close: async () => {
      closed = true;
      for (const { timer } of idle.values()) clearTimeout(timer);
      await Promise.all(
        [...sockets].map((socket) =>
          new Promise((resolve) => socket.once("close", resolve).destroy())
        ),
      );
    },
  };
  return pool;
}
