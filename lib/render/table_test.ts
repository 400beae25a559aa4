import assert from "node:assert/strict";
import { table, width } from "./table.ts";

const columns = [
  { heading: "VMID", cell: (row: [number, string]) => String(row[0]), align: "right" as const },
  { heading: "NAME", cell: (row: [number, string]) => row[1] },
];

Deno.test("table() aligns columns, also around colours, and leaves no trailing blanks", () => {
  const colored = columns.with(1, {
    heading: "NAME",
    cell: ([vmid, name]) => vmid === 105 ? `\x1b[32m${name}\x1b[39m` : name,
  });
  const text = table(colored, [[105, "web"], [1000, "database"]]);
  assert.equal(text, "VMID  NAME\n 105  \x1b[32mweb\x1b[39m\n1000  database\n");
});

Deno.test("table() makes the texts of its rows plain, and keeps each on its line", () => {
  assert.equal(table(columns, [[1, "a\x1b[2J\nb"]]), "VMID  NAME\n   1  a\\u001b[2J\\u000ab\n");
});

Deno.test("table() of nothing is its headings", () => {
  assert.equal(table(columns, []), "VMID  NAME\n");
});

Deno.test("width() counts characters, not code units or escape sequences", () => {
  assert.equal(width("äö✓😀"), 4);
  assert.equal(width("\x1b[1;31mx\x1b[0m"), 1);
});
