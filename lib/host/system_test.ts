import assert from "node:assert/strict";
import { systemOf } from "./system.ts";

Deno.test("systemOf() takes the signals that an operating system has", () => {
  assert.deepEqual(systemOf("windows").endSignals, ["SIGINT", "SIGBREAK"]);
  for (const os of ["linux", "darwin"] as const) {
    assert.deepEqual(systemOf(os).endSignals, ["SIGINT", "SIGTERM", "SIGHUP"]);
  }
});

Deno.test("systemOf() takes HOME for the home directory, on Windows USERPROFILE without it", () => {
  const env = { USERPROFILE: "C:\\Users\\dev" };
  assert.equal(systemOf("windows").home(env), "C:\\Users\\dev");
  assert.equal(systemOf("windows").home({ ...env, HOME: "C:\\home" }), "C:\\home");
  assert.equal(systemOf("linux").home(env), undefined);
  assert.equal(systemOf("darwin").home({ HOME: "/Users/dev" }), "/Users/dev");
});

Deno.test("systemOf() knows the names of Windows that are no file in a directory", () => {
  const { isHarmfulName } = systemOf("windows");
  const harmful = ["a:b", "a\\b", "a/b", "a?", "tab\t", "dot.", "space ", "NUL", "nul.txt", "Com1"];
  for (const name of [...harmful, "lpt9.log", "CON .txt", "conout$"]) {
    assert.ok(isHarmfulName(name), name);
  }
  for (const name of ["a.b", "nullable", "com10x", "console", "a b", ".profile"]) {
    assert.ok(!isHarmfulName(name), name);
  }
});

Deno.test("systemOf() lets other systems have nearly all names", () => {
  for (const os of ["linux", "darwin"] as const) {
    const { isHarmfulName } = systemOf(os);
    assert.ok(isHarmfulName("a/b") && isHarmfulName("a\0"));
    for (const name of ["a:b", "a\\b", "nul", "dot."]) assert.ok(!isHarmfulName(name), name);
  }
});
