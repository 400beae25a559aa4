import type { Cluster } from "../cluster/state/cluster.ts";
import type { FileTree } from "../unix/os/tree.ts";

/** Context of the commands of one node. */
export interface NodeContext {
  readonly cluster: Cluster;
  /** The node's name. */
  readonly node: string;
  readonly tree: FileTree;
}

/** A user of a node. */
export interface NodeUser {
  readonly name: string;
  readonly sudo?: boolean;
}
