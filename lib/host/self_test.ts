import assert from "node:assert/strict";
import { self } from "./self.ts";

Deno.test("self tells its processes from those of another machine or container", () => {
  const expected = Deno.build.os === "linux" ? /^[0-9a-f-]{36}\/\d+$/ : /^undefined$/;
  assert.match(String(self.pidScope), expected);
});

Deno.test("self takes its user from the accounts, as ssh does, not from the environment", async () => {
  const url = JSON.stringify(new URL("self.ts", import.meta.url).href);
  const code = `import { self } from ${url}; console.log(String(self.user));`;
  const env = { USER: "somebody", LOGNAME: "somebody", USERNAME: "somebody" };
  const options = { args: ["eval", "--no-check", code], env };
  const { stdout } = await new Deno.Command(Deno.execPath(), options).output();
  assert.equal(new TextDecoder().decode(stdout), `${self.user}\n`);
});

Deno.test("self knows whether a process runs", () => {
  assert.equal(self.isRunning(self.pid), true);
  assert.equal(self.isRunning(2 ** 22 + 1), false);
});
