import assert from "node:assert/strict";
import { style } from "./style.ts";
import { table } from "./table.ts";
import { width } from "./width.ts";

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

const wide = [
  columns[0] ?? { heading: "", cell: () => "" },
  { heading: "NAME", cell: (row: [number, string]) => row[1], least: 6 },
  { heading: "DISK", cell: () => "225 MiB/8 GiB", optional: true as const },
  { heading: "TAGS", cell: () => "a-tag,another", least: 5, optional: true as const },
];

Deno.test("table() shortens columns for a narrow terminal, and then leaves some out, the last ones first", () => {
  const lines = (most: number | undefined): readonly string[] =>
    table(wide, [[105, "frontend"]], style(false, most)).trimEnd().split("\n");
  assert.deepEqual(lines(undefined), lines(200));
  assert.equal(lines(200)[1], " 105  frontend  225 MiB/8 GiB  a-tag,another");
  assert.equal(lines(40)[1], " 105  frontend  225 MiB/8 GiB  a-tag,an…");
  assert.deepEqual(lines(32), ["VMID  NAME    DISK  …", " 105  front…  225 MiB/8 GiB"]);
  assert.deepEqual(lines(20), ["VMID  NAME  …", " 105  front…"]);
  for (let most = 15; most < 60; most++) {
    for (const line of lines(most)) assert.ok(width(line) <= most, `${most}: ${line}`);
  }
});

Deno.test("table() keeps its columns beside names of double width, and their colours closed", () => {
  const colored = [
    { heading: "NAME", cell: ([, name]: [number, string]) => `\x1b[1m${name}\x1b[22m`, least: 5 },
    { heading: "VMID", cell: ([vmid]: [number, string]) => String(vmid) },
  ];
  const rows: [number, string][] = [[1, "データベース"], [2, "web"]];
  const text = table(colored, rows, style(false, 14));
  assert.deepEqual(text.split("\n").map((line) => width(line)), [14, 11, 11, 0]);
});
