import { isKept, type NotMeasured, type Row, valueOf } from "./row.ts";

/** The table, a row of cells each. */
export function table(rows: readonly (Row | NotMeasured)[]): string[][] {
  return [
    ["what", "measured", "against", "comes to", "budget", "verdict"],
    ...rows.map((row) => "why" in row ? [row.name, "", "", "", "", row.why] : cells(row)),
  ];
}

function cells(row: Row): string[] {
  const { name, measured, ideal, budget, of, unit } = row;
  const amount = (value: number): string =>
    `${unit === "ms" || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
  const shown = (value: number, digits: number): string =>
    of === "ratio" ? `${value.toFixed(digits)} ×` : amount(value);
  return [
    name,
    amount(measured),
    ideal === undefined ? "" : amount(ideal),
    shown(valueOf(row), 2),
    budget === undefined ? "" : `≤ ${shown(budget, Number.isInteger(budget) ? 0 : 2)}`,
    budget === undefined ? "told only" : isKept(row) ? "kept" : "missed",
  ];
}

/** The name and the verdict; all between them is numbers. */
function isText(column: number): boolean {
  return column === 0 || column === 5;
}

/** For a terminal. */
export function plain(lines: readonly (readonly string[])[]): string {
  const [head = []] = lines;
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map((line) =>
    line.map((cell, i) => cell[isText(i) ? "padEnd" : "padStart"](widths[i] ?? 0)).join("  ")
      .trimEnd()
  ).join("\n");
}

/** Between these marks of a page stands what was measured last. */
const marks = /(<!-- made by deno task bench -->)[^]*(<!-- until here -->)/;

/** A page with another table. */
export function withTable(
  page: string,
  lines: readonly (readonly string[])[],
  date: string,
): string {
  const [head = [], ...rows] = lines;
  const sides = head.map((_, i) => isText(i) ? "---" : "--:");
  const grid = [head, sides, ...rows].map((line) => `| ${line.join(" | ")} |`).join("\n");
  const { deno } = Deno.version;
  const { os, arch } = Deno.build;
  const made =
    `${date} with Deno ${deno} on ${os} (${arch}), ${navigator.hardwareConcurrency} cores.`;
  return page.replace(marks, (_, first, last) => [first, grid, made, last].join("\n\n"));
}
