import assert from "node:assert/strict";
import { startPxrun } from "../../support/terminal.ts";

Deno.test("config set ends on Ctrl-D when it asks for a secret", async () => {
  const folder = await Deno.makeTempDir({ prefix: "pxrun-terminal-" });
  try {
    await using terminal = startPxrun(["config", "set", "password"], { env: { HOME: folder } });
    await terminal.until(/\? contexts\.default\.password/);
    await terminal.key("ctrl-d");
    assert.equal(await terminal.status, 130, terminal.text());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
