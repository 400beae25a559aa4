import { PxrunError } from "../../core/errors.ts";
import type { SshConnection } from "../client/connection.ts";

/** One connection to each node, shared by everybody in a run. */
export interface NodeConnections extends AsyncDisposable {
  /**
   * The connection to a node: opened for the first who asks, and again after it was lost.
   *
   * @throws {PxrunError} Why it could not be opened; a later caller tries again.
   */
  get(node: string): Promise<SshConnection>;
  /**
   * Begins to open the connection to a node that will be needed soon. Nobody is asked anything for
   * it: where that would be needed, the caller that asks for the connection starts over.
   */
  prepare(node: string): void;
  /** Ends all connections, and all attempts at one. */
  closeAll(): Promise<void>;
}

/** A connection, or the attempt at it. */
interface Held {
  readonly attempt: Promise<SshConnection>;
  /** Nobody asked for it yet when it was begun. */
  readonly ahead: boolean;
  connection?: SshConnection;
}

type Connect = (node: string, signal: AbortSignal) => Promise<SshConnection>;

/**
 * Keeps one connection to each node.
 *
 * @param connect Opens one; its signal is aborted when all are closed.
 * @param connectQuietly The same without asking anybody anything.
 */
export function nodeConnections(
  connect: Connect,
  connectQuietly = connect,
): NodeConnections {
  const ending = new AbortController();
  const held = new Map<string, Held>();

  function open(node: string, ahead = false): Promise<SshConnection> {
    const attempt = (ahead ? connectQuietly : connect)(node, ending.signal);
    const entry: Held = { attempt, ahead };
    held.set(node, entry);
    entry.attempt.then(
      (connection) => entry.connection = connection,
      () => held.delete(node),
    );
    return entry.attempt;
  }

  const connections: NodeConnections = {
    async get(node) {
      ending.signal.throwIfAborted();
      const current = held.get(node);
      if (current === undefined || current.connection?.closed) return await open(node);
      return await current.attempt.catch((error) => {
        const stays = error instanceof PxrunError && error.code === "UNREACHABLE";
        if (!current.ahead || stays) throw error;
        return connections.get(node);
      });
    },
    prepare(node) {
      if (!ending.signal.aborted && !held.has(node)) open(node, true).catch(() => {});
    },
    async closeAll() {
      ending.abort(new PxrunError("FAILED", "the SSH connections of this run are closed"));
      const settled = await Promise.allSettled([...held.values()].map(({ attempt }) => attempt));
      await Promise.all(settled.map((one) => one.status === "fulfilled" && one.value.close()));
    },
    [Symbol.asyncDispose]: () => connections.closeAll(),
  };
  return connections;
}
