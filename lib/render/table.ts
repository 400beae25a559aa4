import { plainRow } from "../core/plain.ts";

/** One column: its heading and what stands in it. */
export interface Column<T> {
  readonly heading: string;
  readonly cell: (row: T) => string;
  readonly align?: "right";
}

/** How wide a text is on a terminal: escape sequences take no room. */
export function width(text: string): number {
  // deno-lint-ignore no-control-regex -- colour sequences begin with a control character
  return [...text.replace(/\x1b\[[0-9;]*m/g, "")].length;
}

function pad(text: string, to: number, align: "right" | undefined): string {
  const blanks = " ".repeat(Math.max(0, to - width(text)));
  return align === "right" ? blanks + text : text + blanks;
}

/** Rows under their headings, their texts made plain, two blanks between columns; a line each, no trailing blanks. */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  heading: (text: string) => string = (text) => text,
): string {
  const cells = rows.map((row) => plainRow(row)).map((row) =>
    columns.map((column) => column.cell(row))
  );
  const widths = columns.map((column, i) =>
    Math.max(width(column.heading), ...cells.map((row) => width(row[i] ?? "")))
  );
  const line = (texts: readonly string[]): string =>
    texts.map((text, i) => pad(text, widths[i] ?? 0, columns[i]?.align)).join("  ").trimEnd();
  return [line(columns.map((c) => heading(c.heading))), ...cells.map(line)]
    .map((text) => `${text}\n`).join("");
}
