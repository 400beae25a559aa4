import assert from "node:assert/strict";
import { self } from "./self.ts";

Deno.test("self tells its processes from those of another machine or container", () => {
  const expected = Deno.build.os === "linux" ? /^[0-9a-f-]{36}\/\d+$/ : /^undefined$/;
  assert.match(String(self.pidScope), expected);
});

Deno.test("self knows whether a process runs", () => {
  assert.equal(self.isRunning(self.pid), true);
  assert.equal(self.isRunning(2 ** 22 + 1), false);
});
