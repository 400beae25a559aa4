import assert from "node:assert/strict";
import { readDay2 } from "./day2.ts";
import { replay } from "./replay.ts";

/** The lines of a file beside this one, split once at a separator. */
function readPairs(file: string, separator: string): Map<string, string> {
  const text = Deno.readTextFileSync(new URL(`./${file}`, import.meta.url));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const at = line.indexOf(separator);
    return [line.slice(0, at), line.slice(at + separator.length)];
  }));
}

const open = readPairs("open_day2.txt", " | ");

Deno.test("startSimulator() changes containers as the recorded node did, but for what open_day2.txt lists", async () => {
  const { recordings, rules, session } = readDay2();
  const { compared, polls } = await replay(recordings, session);
  const commands = [...session.commands?.values() ?? []].flat();
  assert.equal(compared.size + polls, recordings.size + commands.length);
  const mayDiffer = (name: string) =>
    open.has(name) || rules.some(({ what, pattern }) => what === "differs" && pattern.test(name));
  const failing = [...compared].filter(([name, lines]) => lines.length > 0 && !mayDiffer(name))
    .map(([name, lines]) => `${name}\n  ${lines.slice(0, 5).join("\n  ")}`);
  assert.deepEqual(failing, []);
  const answered = [...open.keys()].filter((name) => compared.get(name)?.length === 0);
  assert.deepEqual(answered, [], "stale: the simulator answers these");
});

Deno.test("the lists of what may differ in the second set are exact, short, and give reasons", () => {
  const { labels, rules, scenes } = readDay2();
  const counts = rules.map(({ pattern }) => labels.filter((label) => pattern.test(label)).length);
  assert.deepEqual(counts, rules.map(({ count }) => count));
  assert.ok(open.size <= 60, `${open.size} open exchanges`);
  assert.deepEqual([...open.keys()].filter((name) => !labels.includes(name)), []);
  assert.ok([...open.values()].every((reason) => reason.length > 10));
  const due = readPairs("due.txt", ": ");
  const done = [...scenes].filter((scene) =>
    labels.some((label) => label.startsWith(`${scene}: `))
  );
  const missing = [...scenes].filter((scene) => !due.has(scene) && !done.includes(scene));
  assert.deepEqual(missing, [], "scenes that are neither replayed nor due");
  assert.deepEqual([...due.keys()].filter((scene) => !scenes.has(scene)), []);
});
