import assert from "node:assert/strict";
import { sh } from "../../tests/support/sh.ts";
import { endSession, wrap } from "./session.ts";

Deno.test("wrap() makes a script that sh can read, whatever quotes the body has", async () => {
  for (const body of ["", "echo 'it'\\''s' \"x\"", "cat <<'E'\nit's\nE", ": # '"]) {
    assert.ok((await sh(wrap(body, "an-id"), "-n")).success, body);
  }
  assert.ok((await sh(endSession("an-id"), "-n")).success);
});

Deno.test("wrap() makes a script that does nothing when it is cut off", async () => {
  const script = wrap("echo ran", "an-id");
  for (let cut = 1; cut < script.indexOf("main; exit"); cut += 61) {
    const { code, stdout } = await sh(script.slice(0, cut));
    assert.notEqual(code, 0, `cut at ${cut}`);
    assert.equal(stdout.length, 0);
  }
});

Deno.test("wrap() has /dev/null as the standard input of the body", () => {
  assert.match(wrap("true", "an-id"), /run <\/dev\/null/);
});
