import type { Device } from "../tailscale/devices.ts";
import type { ContainerRow } from "../cluster/guests/list.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";
import { bytes, uptime } from "./units.ts";

/** Containers as a table; the addresses where they were asked for. */
export function listText(rows: readonly ContainerRow[], style: Style): string {
  const columns: Column<ContainerRow>[] = [
    { heading: "VMID", cell: (row) => String(row.vmid), align: "right" },
    // A container may have no hostname; of one whose node cannot be asked it is not known.
    { heading: "NAME", cell: (row) => row.hostname ?? absent(row), least: 8 },
    { heading: "NODE", cell: (row) => row.node, optional: true },
    { heading: "STATUS", cell: (row) => status(row, style) },
    { heading: "CORES", cell: (row) => text(row.cores), align: "right", optional: true },
    { heading: "MEMORY", cell: (row) => used(row.memory), align: "right", optional: true },
    { heading: "DISK", cell: (row) => used(row.disk), align: "right", optional: true },
    { heading: "UPTIME", cell: (row) => since(row.uptime), align: "right", optional: true },
    { heading: "TAGS", cell: (row) => row.tags.join(",") || "-", least: 6, optional: true },
  ];
  if (rows.some((row) => row.addresses !== undefined)) {
    columns.push({
      heading: "ADDRESSES",
      cell: (row) => row.addresses?.join(" ") || absent(row),
      least: 15,
    });
  }
  return table(columns, rows, style);
}

/** Unknown values must not be shown as none. */
function absent({ problem }: ContainerRow): string {
  return problem === undefined ? "-" : "?";
}

function since(seconds: number | undefined): string {
  return seconds ? uptime(seconds) : "-";
}

function status(row: ContainerRow, style: Style): string {
  const state = row.template ? "template" : row.status;
  const shown = row.lock === undefined ? state : `${state} (${row.lock})`;
  return row.status === "running" ? style.green(shown) : style.yellow(shown);
}

function text(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

function used(value: ContainerRow["memory"]): string {
  return value === undefined ? "-" : `${bytes(value.used)}/${bytes(value.max)}`;
}

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
