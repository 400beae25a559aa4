import assert from "node:assert/strict";
import { logins } from "../support/logins.ts";
import { allCommands, cases, openScene } from "../support/redaction.ts";

const flags = [[], ["--verbose", "--debug"], ["--format", "json", "--verbose", "--debug"]];

/** Those that log in to a cluster; for the others one login is as good as another. */
const remote = ["create", "destroy", "list", "cleanup"];

Deno.test("every command of the tree is driven in success and in failure", () => {
  for (const command of allCommands()) {
    assert.ok(cases.some((one) => one.command === command), `no case for ${command}`);
  }
});

for (const login of logins) {
  Deno.test(`${login.name}: no command gives a secret away`, async () => {
    await using scene = await openScene({ login });
    const chosen = cases.filter(({ command, direct }) =>
      login.name === "token" ||
      remote.includes(command) && !(direct && login.name === "SSH alone")
    );
    for (const given of flags) {
      for (const one of chosen) {
        if (!one.once || given === flags[1]) await scene.run(one, given);
      }
    }
    assert.ok(scene.tailnet.made.some(({ used }) => used), "a key was made and used");
    assert.deepEqual(await scene.leaks(), []);
  });
}
