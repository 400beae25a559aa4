import { PxrunError } from "../../core/errors.ts";
import type { SshConnection } from "../client/connection.ts";
import { addressOf } from "../client/errors.ts";
import { connectToNode, findAddress, type NodeSshOptions, type NodeSshWorld } from "./node.ts";
import type { NodeWay } from "./node.ts";
import type { NodeAddress } from "./node_address.ts";

/** What to do when a node cannot be reached from here. */
export interface GateOptions extends NodeSshOptions {
  /** Addresses that somebody said can be reached, of hosts inside the cluster's network. */
  readonly gates: readonly NodeAddress[];
}

/** Network errors that another host inside may not have. */
const noRoute = ["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

/**
 * Connects to a node. One whose address only the cluster knows may be on a network that
 * this side has no route to: then through the first host inside that can be reached.
 *
 * @throws {PxrunError} What `connectToNode` throws; when no host inside helps, the first error.
 */
export async function connectThroughGates(
  node: string,
  way: NodeWay,
  { gates, ...options }: GateOptions,
  world: NodeSshWorld,
  signal?: AbortSignal,
): Promise<SshConnection> {
  try {
    return await connectToNode(way, options, world, signal);
  } catch (error) {
    if (way.from !== "/cluster/status" || way.jump || !lacksRoute(error)) throw error;
    for (const address of gates) {
      const jump = await findAddress(address, options, world);
      const connection = await connectToNode({ ...way, jump }, options, world, signal)
        .catch(unlessUnreachable);
      if (connection === undefined) continue;
      const [there, through] = [addressOf(way), addressOf(jump)];
      options.warn?.(`there is no route to ${node} (${there}): going through ${through}`);
      return connection;
    }
    throw error;
  }
}

/** Whether the network, and not the host, is why there is no connection. A host that is silent counts too. */
function lacksRoute(error: unknown): boolean {
  if (!(error instanceof PxrunError) || error.code !== "UNREACHABLE") return false;
  const { cause } = error;
  return cause === undefined ||
    (cause instanceof Error && "code" in cause && noRoute.includes(String(cause.code)));
}

/** A gate that leads nowhere is passed over; a wrong host key or a refused login is not. */
function unlessUnreachable(error: unknown): undefined {
  if (error instanceof PxrunError && error.code === "UNREACHABLE") return undefined;
  throw error;
}
