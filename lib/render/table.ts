import { plainRow } from "../core/plain.ts";
import { type Style, style as styleOf } from "./style.ts";
import { shorten, width } from "./width.ts";

/** One column: its heading and its cells. */
export interface Column<T> {
  readonly heading: string;
  readonly cell: (row: T) => string;
  readonly align?: "right";
  /** Least width on a narrow terminal; absent: its full width. */
  readonly least?: number;
  /** True if it may be left out where that is not enough. */
  readonly optional?: true;
}

const GAP = "  ";

function pad(text: string, to: number, align: "right" | undefined): string {
  const blanks = " ".repeat(Math.max(0, to - width(text)));
  return align === "right" ? blanks + text : text + blanks;
}

/**
 * Rows under their headings, their texts made plain; a line each, no trailing blanks. On a
 * terminal that is too narrow, columns are shortened and then left out, the last ones first;
 * a … behind the headings then says so.
 */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  style: Pick<Style, "dim" | "columns"> = styleOf(false),
): string {
  const plainRows = rows.map((row) => plainRow(row));
  const all = columns.map((column) => {
    const cells = plainRows.map(column.cell);
    return { column, cells, width: Math.max(width(column.heading), ...cells.map(width)) };
  });
  const shown = fitted(all, style.columns);
  const line = (textOf: (one: typeof all[number]) => string): string =>
    shown.map((one) => pad(shorten(textOf(one), one.width), one.width, one.column.align))
      .join(GAP).trimEnd();
  const more = shown.length < all.length ? `${GAP}${style.dim("…")}` : "";
  return [
    line(({ column }) => style.dim(column.heading)) + more,
    ...rows.map((_, index) => line(({ cells }) => cells[index] ?? "")),
  ].map((text) => `${text}\n`).join("");
}

function fitted<C extends { column: Pick<Column<never>, "least" | "optional">; width: number }>(
  all: readonly C[],
  most: number | undefined,
): readonly C[] {
  if (most === undefined) return all;
  const excess = (some: readonly C[]): number =>
    some.reduce((sum, one) => sum + one.width + GAP.length, -GAP.length) - most +
    (some.length < all.length ? GAP.length + 1 : 0);
  const shown = all.map((one) => ({ ...one }));
  for (const one of shown.toReversed()) {
    const { least = one.width } = one.column;
    one.width = Math.max(Math.min(one.width, least), one.width - Math.max(0, excess(shown)));
  }
  for (const one of shown.toReversed()) {
    if (excess(shown) > 0 && one.column.optional) shown.splice(shown.indexOf(one), 1);
  }
  return shown;
}
