import type { Device } from "../tailscale/devices.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** The nodes of a tailnet as people read them. */
export function nodesText(nodes: readonly Device[], style: Style): string {
  return table(
    [
      { heading: "NAME", cell: (node) => node.name },
      { heading: "ADDRESSES", cell: (node) => node.addresses.join(" ") },
      { heading: "OS", cell: (node) => node.os },
      { heading: "TAGS", cell: (node) => node.tags.join(" ") },
      { heading: "LAST SEEN", cell: (node) => node.lastSeen },
      { heading: "ID", cell: (node) => style.dim(node.id) },
    ],
    nodes,
    style.dim,
  );
}
