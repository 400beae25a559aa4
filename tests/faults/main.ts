/**
 * `deno task faults`: lets everything go wrong at every moment of a create, a provision and a
 * destroy, and writes tests/faults/matrix.md. Exits 1 when anything was left behind, hung, or said
 * nothing of use. With names of scenes and faults (`create replaced busy`) only these are tried, and
 * nothing is written.
 */
import type { Cell } from "./cells.ts";
import { KINDS } from "./kinds.ts";
import { allRows, cellsOf, runInThreads } from "./matrix.ts";
import { isGood, type Word } from "./outcome.ts";
import { SCENES } from "./scenes.ts";
import { keyOf } from "./stage.ts";
import { document } from "./table.ts";

const file = new URL("./matrix.md", import.meta.url);

const chosen = new Set(Deno.args);
const scenes = SCENES.filter(({ name }) => chosen.has(name)).map(({ name }) => name);
const kinds = KINDS.filter(({ name }) => chosen.has(name)).map(({ name }) => name);
const unknown = Deno.args.filter((name) => ![...scenes, ...kinds].some((one) => one === name));
if (unknown.length > 0) throw new TypeError(`no scene or fault is called ${unknown.join(", ")}`);

const rows = await allRows();
const cells = cellsOf(rows).filter(({ row, kind }) =>
  (scenes.length === 0 || scenes.includes(row.scene)) &&
  (kinds.length === 0 || kinds.includes(kind.name))
);
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
if (chosen.size === 0) {
  await Deno.writeTextFile(file, document(rows, (cell) => words.get(id(cell)) ?? "n/a"));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file.pathname] }).output();
} else {
  for (const [cell, word] of words) console.log(`${word.padEnd(12)} ${cell}`);
}
const seconds = Math.round((Date.now() - begun) / 1000);
console.log(`${rows.length} moments, ${cells.length} cells in ${seconds} s, ${bad} bad`);
Deno.exitCode = bad === 0 ? 0 : 1;
