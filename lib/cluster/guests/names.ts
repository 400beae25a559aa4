import { list as listNodes } from "../../proxmox/api/nodes/nodes.ts";
import type { Rest } from "../../proxmox/http/rest.ts";
import { askNode, rowsOf } from "./inventory.ts";

/** A container by its name. */
export interface NamedContainer {
  readonly vmid: number;
  readonly node: string;
  readonly name: string | undefined;
  /** It is to be made in the same run. */
  readonly planned?: true;
}

/** The containers of all nodes by their names, as each node itself has them. */
export interface NameFacts {
  readonly containers: readonly NamedContainer[];
  /** The nodes that could not be asked, and why: "node pve02 is offline". */
  readonly unread: readonly { readonly node: string; readonly problem: string }[];
  /** The nodes that could. */
  readonly nodes: readonly string[];
}

/**
 * Asks every node for its containers: the cluster's own list shows for some seconds what was
 * there before.
 *
 * @param known Nodes to ask without waiting for the list of nodes.
 */
export async function readNames(rest: Rest, known: readonly string[] = []): Promise<NameFacts> {
  const asked = new Map(known.map((node) => [node, rowsOf(rest, node)]));
  // Where the list of nodes fails first, nothing waits for these any more.
  for (const answer of asked.values()) answer.catch(() => {});
  const nodes = await listNodes(rest);
  const answers = await Promise.all(
    nodes.map((node) => askNode(rest, node, asked.get(node.node))),
  );
  return {
    containers: answers.flatMap(({ rows }) =>
      rows.map(({ vmid, node, hostname: name }) => ({ vmid, node, name }))
    ),
    unread: answers.flatMap(({ node, problem }) =>
      problem === undefined ? [] : [{ node, problem }]
    ),
    nodes: answers.flatMap(({ node, problem }) => problem === undefined ? [node] : []),
  };
}

/** True if two hostnames are one, as DNS has it: letters of either case are the same. */
export function sameHostname(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
