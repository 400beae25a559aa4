import assert from "node:assert/strict";
import { replay } from "./replay.ts";
import { readRecordings } from "./recordings.ts";

/** The names in open.txt, each with its reason. */
function readOpen(): Map<string, string> {
  const text = Deno.readTextFileSync(new URL("./open.txt", import.meta.url));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const [, name = "", reason = ""] = /^(.+): (\S.+)$/.exec(line) ?? [];
    return [name, reason];
  }));
}

Deno.test("startSimulator() answers as the recorded node did, but for what open.txt lists", async () => {
  const open = readOpen();
  const recordings = readRecordings();
  const { compared, polls } = await replay(recordings);
  assert.equal(compared.size + polls, recordings.size);
  const isOpen = (name: string) => open.has(name);
  const failing = [...compared].filter(([name, lines]) => lines.length > 0 && !isOpen(name))
    .map(([name, lines]) => `${name}\n  ${lines.slice(0, 5).join("\n  ")}`);
  assert.deepEqual(failing, []);
  const answered = [...open.keys()].filter((name) => compared.get(name)?.length === 0);
  assert.deepEqual(answered, [], "stale: the simulator answers these, take them out of open.txt");
});

Deno.test("open.txt is short, and lists only exchanges that exist, each with its reason", () => {
  const open = readOpen();
  const known = readRecordings();
  assert.ok(open.size <= 60, `${open.size} open exchanges`);
  assert.ok([...open].every(([name, reason]) => name !== "" && reason !== ""));
  assert.deepEqual([...open.keys()].filter((name) => !known.has(name)), []);
});
