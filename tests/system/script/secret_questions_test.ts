import assert from "node:assert/strict";
import { commandLine } from "../../../lib/core/argv.ts";
import { pxrun, startPxrun, startTerminal } from "../../support/terminal.ts";

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

for (
  const args of [
    ["config", "set", "token_secret"],
    ["config", "set", "host"],
    ["setup", "--no-ssh", "--host", "127.0.0.1", "--token-id", "pxrun@pve!pxrun", "--yes"],
  ]
) {
  Deno.test(`${args.slice(0, 3).join(" ")} does not read what a terminal shows`, () =>
    withHome(async (home) => {
      const errors = `${home}/err.log`;
      const command = `exec ${commandLine(pxrun(args))} 2>${errors}`;
      await using terminal = startTerminal(["sh", "-c", command], { env: { HOME: home } });
      assert.equal(await terminal.status, 2, terminal.text());
      const said = await Deno.readTextFile(errors);
      assert.match(said, /cannot ask for .*: standard error is not a terminal/);
    }));
}
