import assert from "node:assert/strict";
import { runCli } from "../../../lib/cli/app/run.ts";
import { startSopsLab } from "../../support/sops.ts";
import { testPlatform } from "../../support/platform.ts";

const SECRET = "MARK-5f1d-secret";
const PLAIN = `encryption: none
contexts:
  home: { host: pve.example, token_id: "a@pve!laptop", token_secret: ${SECRET} }
`;

Deno.test("config encrypt converts a plain file, also one that does not say it is one", async () => {
  await using sops = await startSopsLab();
  const directory = `${sops.directory}/pxrun`;
  const file = `${directory}/config.yaml`;
  const run = async (...args: string[]): Promise<{ status: number; stderr: string }> => {
    const env = {
      XDG_CONFIG_HOME: sops.directory,
      SOPS_AGE_KEY_FILE: `${sops.directory}/new/keys.txt`,
    };
    const platform = testPlatform({ env });
    const status = await runCli(args, { ...platform, run: testPlatform({ env }).run });
    return { status, stderr: platform.stderr() };
  };
  await Deno.mkdir(directory);
  for (const text of [PLAIN, PLAIN.replace("encryption: none\n", "")]) {
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    const { status, stderr } = await run("config", "encrypt");
    assert.equal(status, 0, stderr);
    const encrypted = await Deno.readTextFile(file);
    assert.match(encrypted, /token_secret: ENC\[/);
    assert.match(encrypted, /host: pve\.example/);
    assert.doesNotMatch(encrypted, /MARK|^encryption:/m);
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    const again = await run("config", "encrypt");
    assert.deepEqual([again.status, await Deno.readTextFile(file)], [0, encrypted]);
    assert.match(again.stderr, /encrypted already/);
  }
  const none = await run("config", "encrypt", "--config", `${directory}/nosuch.yaml`);
  assert.equal(none.status, 3);
});
