import assert from "node:assert/strict";
import { sh } from "../../tests/support/sh.ts";
import { checkScript, parseChecks } from "./step.ts";

/** What the local sh prints of a script. */
async function printed(script: string): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr } = await sh(script);
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("checkScript() asks every check, whatever the others do", async () => {
  const checks = [
    "true",
    "exit 7",
    "if then",
    "echo 'it'\\''s'; echo m 3 9; false",
    "cd /; exec >/dev/null 2>&1; unset PATH; exit 4",
    "cat; read -r line",
    "printf() { :; }; true",
    "cat <<E >/dev/null\n)\nE",
    "exit 0; }",
    "true",
  ];
  const { stdout, stderr } = await printed(checkScript(checks, "m"));
  const broken = parseChecks(stdout, "m", checks.length);
  assert.ok((broken[2] ?? 0) > 1 && (broken[8] ?? 0) > 1, "a syntax error is no yes and no no");
  assert.deepEqual(broken.with(2, 2).with(8, 2), [0, 7, 2, 1, 4, 1, 0, 0, 2, 0]);
  assert.match(stderr, /it's\nm 3 9\n/);
  assert.equal(stdout.split("\n").length, checks.length + 1);
});

Deno.test("checkScript() of nothing is a script that says nothing", async () => {
  assert.deepEqual(await printed(checkScript([], "m")), { stdout: "", stderr: "" });
});

Deno.test("parseChecks() reads only lines of its own form", () => {
  const output = "m 0 0\nx 1 0\nm 1\nm 1 one\nm 1 0 0\nm 5 0\nm -1 0\nm  1 0\n\0\xff\nm 2 127\nm 3";
  assert.deepEqual(parseChecks(output, "m", 4), [0, undefined, 127, undefined]);
  assert.deepEqual(parseChecks("", "m", 0), []);
});
