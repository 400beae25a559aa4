/** JSON with sorted keys, as these commands print it. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(sorted(value), undefined, indent);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map((
      [key, one],
    ) => [key, sorted(one)]),
  );
}

/** A reply in the wanted format; an absent reply prints nothing. */
export function formatReply(value: unknown, format: string | undefined): string {
  if (value === null || value === undefined) return "";
  if (format === "json") return `${canonicalJson(value)}\n`;
  if (format === "json-pretty") return `${canonicalJson(value, 3)}\n`;
  if (typeof value !== "object") return `${value}\n`;
  return Array.isArray(value) ? listTable(value) : keyTable(Object.entries(value));
}

function keyTable(entries: readonly (readonly [string, unknown])[]): string {
  const rows = [...entries].sort(([a], [b]) => a < b ? -1 : 1).map((
    [key, value],
  ) => [key, cell(value)]);
  return table(["key", "value"], rows);
}

function listTable(items: readonly unknown[]): string {
  if (items.length === 0) return "";
  const keys = [...new Set(items.flatMap((item) => Object.keys(item ?? {})))].sort();
  const rows = items.map((item) => {
    const fields = new Map<string, unknown>(Object.entries(item ?? {}));
    return keys.map((key) => cell(fields.get(key)));
  });
  return table(keys, rows);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? canonicalJson(value) : String(value);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    "│ " + row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" │ ") + " │\n";
  const rule = (left: string, middle: string, right: string, dash: string) =>
    left + widths.map((width) => dash.repeat(width + 2)).join(middle) + right + "\n";
  return rule("┌", "┬", "┐", "─") + line(header) + rule("╞", "╪", "╡", "═") +
    rows.map(line).join(rule("├", "┼", "┤", "─")) + rule("└", "┴", "┘", "─");
}
