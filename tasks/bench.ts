/**
 * `deno task bench [NAME…]`: measures every budget, prints a table, and exits 1 when one is
 * missed. Without names it also writes the table into docs/performance.md.
 */
import { fileURLToPath } from "node:url";
import { createAndDestroy, roundTrips } from "./bench/create.ts";
import { batch, batchWithFaults } from "./bench/batch.ts";
import { inside } from "./bench/lab.ts";
import { list, listMemory } from "./bench/list.ts";
import { plain, table, withTable } from "./bench/report.ts";
import { type Bench, isKept, type NotMeasured, type Row } from "./bench/row.ts";
import { startUp } from "./bench/start_up.ts";

const benches: Readonly<Record<string, Bench>> = {
  "start-up": startUp,
  list,
  memory: listMemory,
  create: createAndDestroy,
  "round-trips": roundTrips,
  batch,
  faults: batchWithFaults,
  lab: inside,
};

const unknown = Deno.args.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`);
  Deno.exit(2);
}
const rows: (Row | NotMeasured)[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
  console.error(`— ${name}`);
  rows.push(...await bench());
}
const lines = table(rows);
console.log(plain(lines));
if (Deno.args.length === 0) {
  const file = new URL("../docs/performance.md", import.meta.url);
  const [date = ""] = new Date().toISOString().split("T");
  await Deno.writeTextFile(file, withTable(await Deno.readTextFile(file), lines, date));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(file)] })
    .output();
}
Deno.exitCode = rows.every((row) => "why" in row || isKept(row)) ? 0 : 1;
