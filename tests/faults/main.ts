/**
 * `deno task faults`: lets everything go wrong at every moment of a create, a provision and a
 * destroy, and writes docs/faults.md. Exits 1 when anything was left behind, hung, or said
 * nothing of use.
 */
import type { Cell } from "./cells.ts";
import { allRows, cellsOf, runInThreads } from "./matrix.ts";
import { isGood, type Word } from "./outcome.ts";
import { keyOf } from "./stage.ts";
import { document } from "./table.ts";

const file = new URL("../../docs/faults.md", import.meta.url);

const rows = await allRows();
const cells = cellsOf(rows);
const begun = Date.now();
const words = new Map<string, Word>();
const id = ({ row, kind }: Cell): string => `${row.scene} ${keyOf(row)} ${kind.name}`;
let bad = 0;
await runInThreads(cells, (cell, { word, why }) => {
  words.set(id(cell), word);
  if (!isGood(word)) {
    bad++;
    console.error(`${word}: ${id(cell)}\n${why.replaceAll(/^/gm, "    ")}`);
  }
});
await Deno.writeTextFile(file, document(rows, (cell) => words.get(id(cell)) ?? "-"));
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file.pathname] }).output();
const seconds = Math.round((Date.now() - begun) / 1000);
console.log(`${rows.length} moments, ${cells.length} cells in ${seconds} s, ${bad} bad`);
Deno.exitCode = bad === 0 ? 0 : 1;
