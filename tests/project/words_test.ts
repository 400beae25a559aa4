import assert from "node:assert/strict";
import { openingsIn, wordsIn } from "../../tasks/check_words.ts";

Deno.test("wordsIn() finds refused words in prose and within names, each with its line", () => {
  const text = [
    "The folder is gone.",
    "export function pushFolder() {}",
    "const createFleet = 1;",
    "/** Made anew, for ever; else 8. */",
    "Whoever waits in vain is told so.",
  ].join("\n");
  const found = wordsIn("lib/a.ts", text).map((line) => line.split(":").slice(1, 3).join(":"));
  assert.deepEqual(found, [
    '1: "folder"',
    '1: "is gone"',
    '2: "Folder"',
    '3: "Fleet"',
    '4: "anew"',
    '4: "for ever"',
    '4: "; else"',
    '5: "in vain"',
    '5: "is told"',
    '5: "Whoever"',
  ]);
});

Deno.test("wordsIn() lets code and honest words be", () => {
  const text = [
    "if (a) run(); else stop();",
    "if (a) b(c, d); else if (e) f();",
    "a recommended amendment, told by the manifold of somebody",
  ].join("\n");
  assert.deepEqual(wordsIn("lib/a.ts", text), []);
});

Deno.test("openingsIn() finds doc comments that open with a question word, of sources alone", () => {
  const text = "/** What it is. */\n/**\n * Whether it is.\n */\n/** A thing: what it is. */\n";
  const found = openingsIn("lib/a.ts", text).map((line) => line.split(":")[1]);
  assert.deepEqual(found, ["1", "2"]);
  assert.deepEqual(openingsIn("lib/a_test.ts", text), []);
  assert.deepEqual(openingsIn("docs/a.md", text), []);
});
