import type { ContainerRow } from "../lifecycle/list.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";
import { bytes, uptime } from "./units.ts";

/** Containers as a table; the addresses where they were asked for. */
export function listText(rows: readonly ContainerRow[], style: Style): string {
  const columns: Column<ContainerRow>[] = [
    { heading: "VMID", cell: (row) => String(row.vmid), align: "right" },
    { heading: "NAME", cell: (row) => row.hostname ?? "?", least: 8 },
    { heading: "NODE", cell: (row) => row.node, optional: true },
    { heading: "STATUS", cell: (row) => status(row, style) },
    { heading: "CORES", cell: (row) => text(row.cores), align: "right", optional: true },
    { heading: "MEMORY", cell: (row) => used(row.memory), align: "right", optional: true },
    { heading: "DISK", cell: (row) => used(row.disk), align: "right", optional: true },
    {
      heading: "UPTIME",
      cell: (row) => row.uptime ? uptime(row.uptime) : "-",
      align: "right",
      optional: true,
    },
    { heading: "TAGS", cell: (row) => row.tags.join(",") || "-", least: 6, optional: true },
  ];
  if (rows.some((row) => row.addresses !== undefined)) {
    columns.push({
      heading: "ADDRESSES",
      cell: (row) => row.addresses?.join(" ") || "-",
      least: 15,
    });
  }
  return table(columns, rows, style);
}

function status(row: ContainerRow, style: Style): string {
  const shown = row.lock === undefined ? row.status : `${row.status} (${row.lock})`;
  return row.status === "running" ? style.green(shown) : style.yellow(shown);
}

function text(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

function used(value: ContainerRow["memory"]): string {
  return value === undefined ? "-" : `${bytes(value.used)}/${bytes(value.max)}`;
}
