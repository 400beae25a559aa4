import assert from "node:assert/strict";
import { helpText } from "../../tasks/make_help.ts";
import { knownAnswer } from "./known_answer.ts";

Deno.test("knownAnswer() gives the help of the command tree; deno run -A tasks/make_help.ts renews it", async () => {
  const written = await Deno.readTextFile(new URL("root_help.ts", import.meta.url));
  assert.equal(written, await helpText());
  assert.match(knownAnswer(["--help"]) ?? "", /^Usage: pxrun/);
  assert.equal(knownAnswer(["-h"]), knownAnswer(["--help"]));
});

Deno.test("knownAnswer() gives the version", () => {
  assert.match(knownAnswer(["--version"]) ?? "", /^\d+\.\d+\.\d+\n$/);
  assert.equal(knownAnswer(["-V"]), knownAnswer(["--version"]));
});

Deno.test("knownAnswer() leaves to the command tree what it does not know", () => {
  for (const args of [[], ["help"], ["list", "--help"], ["--version", "list"], ["--Help"]]) {
    assert.equal(knownAnswer(args), undefined);
  }
});
