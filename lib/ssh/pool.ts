import { PxrunError } from "../core/errors.ts";
import type { SshConnection } from "./connection.ts";

/** One connection to each node, shared by everybody in a run. */
export interface NodeConnections extends AsyncDisposable {
  /**
   * The connection to a node: opened for the first who asks, and again after it was lost.
   *
   * @throws {PxrunError} Why it could not be opened; whoever asks later tries again.
   */
  get(node: string): Promise<SshConnection>;
  /** Ends all connections, and all attempts at one. */
  closeAll(): Promise<void>;
}

/** A connection, or the attempt at it. */
interface Held {
  readonly attempt: Promise<SshConnection>;
  connection?: SshConnection;
}

/**
 * Keeps one connection to each node.
 *
 * @param connect Opens one; its signal is aborted when all are closed.
 */
export function nodeConnections(
  connect: (node: string, signal: AbortSignal) => Promise<SshConnection>,
): NodeConnections {
  const ending = new AbortController();
  const held = new Map<string, Held>();

  function open(node: string): Promise<SshConnection> {
    const entry: Held = { attempt: connect(node, ending.signal) };
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
      return await (current && !current.connection?.closed ? current.attempt : open(node));
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
