import assert from "node:assert/strict";
import { startPxrun } from "../../support/terminal.ts";

async function withHome(run: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "pxrun-terminal-" });
  try {
    await run(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("config set ends on Ctrl-D when it asks for a secret", () =>
  withHome(async (home) => {
    await using terminal = startPxrun(["config", "set", "password"], { env: { HOME: home } });
    await terminal.until(/\? contexts\.default\.password/);
    await terminal.key("ctrl-d");
    assert.equal(await terminal.status, 130, terminal.text());
  }));

Deno.test("a secret stays hidden, whatever key is pressed", () =>
  withHome(async (home) => {
    await using terminal = startPxrun(["config", "set", "password"], { env: { HOME: home } });
    await terminal.until(/\? contexts\.default\.password/);
    await terminal.type("MARK-of-a-secret\x14");
    await terminal.key("enter");
    assert.notEqual(await terminal.status, 130, terminal.text());
    assert.ok(!terminal.text().includes("MARK"), terminal.text());
    assert.doesNotMatch(terminal.text(), /visibility/);
  }));
