import assert from "node:assert/strict";
import { type Cell, runCell } from "./cells.ts";
import { KINDS } from "./kinds.ts";
import { allRows, cellsOf, runHere } from "./matrix.ts";
import { isGood, outcomeOf } from "./outcome.ts";
import { keyOf, play } from "./stage.ts";
import { sceneOf, SCENES } from "./scenes.ts";
import { document, readTables, titleOf } from "./table.ts";

const REFRESH = "deno task faults writes it again";

Deno.test("the matrix has every moment and every fault, and no bad cell", async () => {
  const text = await Deno.readTextFile(new URL("./matrix.md", import.meta.url));
  const tables = readTables(text);
  const rows = await allRows();
  assert.deepEqual(tables.map(({ scene }) => scene), SCENES.map(({ name }) => name));
  for (const { scene, columns, rows: lines } of tables) {
    const own = rows.filter((row) => row.scene === scene);
    assert.deepEqual(columns, KINDS.map(({ name }) => name), REFRESH);
    assert.deepEqual(lines.map(({ title }) => title), own.map(titleOf), REFRESH);
    for (const [at, row] of own.entries()) {
      for (const [column, kind] of KINDS.entries()) {
        const word = lines[at]?.words[column] ?? "";
        const place = `${scene}: ${titleOf(row)}, ${kind.name}: ${word}; ${REFRESH}`;
        assert.ok(isGood(word), place);
        assert.equal(word !== "n/a", kind.applies(row), place);
      }
    }
  }
});

/** The faults that find most, also for the commands that are not tried with all of them. */
const ALWAYS: ReadonlySet<string> = new Set(
  ["drop-reply", "refuse", "cut", "INT", "busy", "replaced", "replaced-while-busy"],
);

/** For a create each fault, for the others some, at the first moment that changes something. */
function slice(cells: readonly Cell[]): Cell[] {
  const chosen = new Map<string, Cell>();
  for (const cell of cells) {
    const { scene, step, by, what } = cell.row;
    const place = `${scene} ${cell.kind.name}`;
    const changes = step !== "plan" && (by === "SSH" || !what.startsWith("GET "));
    const tried = scene === "create" || ALWAYS.has(cell.kind.name);
    if (changes && tried && !chosen.has(place)) chosen.set(place, cell);
  }
  return [...chosen.values()];
}

Deno.test("each fault at a change leaves nothing that is not told, whatever the command", async () => {
  const bad: string[] = [];
  const cells = slice(cellsOf(await allRows()));
  assert.ok(cells.length > 30, `${cells.length} cells`);
  // The login by SSH alone is a scene of its own.
  for (const { name } of SCENES) {
    const tried = cells.filter(({ row }) => row.scene === name).map(({ kind }) => kind.name);
    assert.ok(tried.length >= 3, `${name}: ${tried}`);
  }
  await runHere(cells, ({ row, kind }, { word, why }) => {
    if (!isGood(word)) bad.push(`${word}: ${row.scene}, ${keyOf(row)}, ${kind.name}\n${why}`);
  });
  assert.deepEqual(bad, []);
});

const lxc = {
  scene: "create",
  step: "create",
  by: "API",
  what: "POST /nodes/pve01/lxc",
  nth: 1,
  task: "vzcreate",
} as const;

Deno.test("runCell() sees what is left behind, and a fault that does not come", async () => {
  const litter = {
    name: "litter",
    meaning: "something is left that nobody names",
    applies: () => true,
    strike({ simulator, interrupt }: Parameters<Cell["kind"]["strike"]>[0]): void {
      const { volumes } = simulator.cluster;
      const [one] = volumes;
      assert.ok(one);
      volumes.push({ ...one, volid: "local-lvm:vm-999-disk-0", content: "rootdir", vmid: 999 });
      interrupt();
    },
  };
  const { word, why } = await runCell({ row: lxc, kind: litter });
  assert.equal(word, "left behind");
  assert.match(why, /volume local-lvm:vm-999-disk-0/);
  const elsewhere = await runCell({ row: { ...lxc, step: "nowhere" }, kind: litter });
  assert.equal(elsewhere.word, "wrong");
});

Deno.test("outcomeOf() tells a good end from a bad one by what there is and what was said", async () => {
  const words = await play(sceneOf("create"), (moment, { simulator, path }) => {
    const here = keyOf(moment) === keyOf(lxc);
    if (here) simulator.inject({ name: "drop", method: "POST", path, times: 1 });
  }, async (played) => {
    const { lab } = played;
    const request = lab.simulator.requests.find(({ method }) => method === "POST");
    assert.ok(request);
    const twice = { ...lab.simulator, requests: [request, request] };
    const cases = [
      played,
      { ...played, text: "error: no" },
      { ...played, status: 0 },
      { ...played, status: undefined },
      { ...played, lab: { ...lab, simulator: twice } },
    ];
    return await Promise.all(cases.map(async (one) => (await outcomeOf("create", one)).word));
  });
  assert.deepEqual(words, ["rolled-back", "mute", "wrong", "hung", "twice"]);
});

Deno.test("document() is read back by readTables()", () => {
  const row = { ...lxc, what: "a || b" };
  const [table] = readTables(document([row], ({ kind }) => kind.applies(row) ? "ok" : "n/a"));
  assert.equal(table?.scene, "create");
  assert.deepEqual(table.rows.map(({ title }) => title), [titleOf(row)]);
  assert.deepEqual(
    table.rows[0]?.words,
    KINDS.map((kind) => kind.applies(row) ? "ok" : "n/a"),
  );
});
