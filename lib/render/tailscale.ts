import type { Device } from "../tailscale/devices.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** The nodes of a tailnet as people read them. */
export function nodesText(nodes: readonly Device[], style: Style): string {
  return table(
    [
      { heading: "NAME", cell: (node) => node.name, least: 12 },
      { heading: "ADDRESSES", cell: (node) => node.addresses.join(" "), least: 15 },
      { heading: "OS", cell: (node) => node.os, optional: true },
      { heading: "TAGS", cell: (node) => node.tags.join(" "), least: 6, optional: true },
      { heading: "LAST SEEN", cell: (node) => node.lastSeen, optional: true },
      { heading: "ID", cell: (node) => style.dim(node.id), optional: true },
    ],
    nodes,
    style,
  );
}
