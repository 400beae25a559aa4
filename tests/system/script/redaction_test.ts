import assert from "node:assert/strict";
import type { Env } from "../../../lib/core/platform.ts";
import { findLeaks, type Secrets } from "../../support/leaks.ts";
import { logins, rememberSecrets } from "../../support/logins.ts";
import { watchProcesses } from "../../support/processes.ts";
import { filesBelow } from "../../support/redaction.ts";
import { type Lab, startLab } from "../../support/simulator.ts";
import { startPxrun } from "../../support/terminal.ts";

const passphrase = "p4ss 'MarkPassphrase'";
const password = `p4ss "it's" 100 % MarkPassword`;
const code = "70358142";

/** What is asked, and what the user types. */
type Dialogue = readonly (readonly [asked: RegExp, typed: string])[];

/** Answers questions on a terminal, and looks for the answers everywhere. */
async function answer(
  lab: Lab,
  args: readonly string[],
  env: Env,
  dialogue: Dialogue,
  secrets: Secrets,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "pxrun-redaction-" });
  try {
    const made = rememberSecrets(lab.simulator);
    await using terminal = startPxrun([...args, "--verbose", "--debug"], {
      env: { ...lab.simulator.env(), ...env, HOME: home, TMPDIR: home },
    });
    const processes = watchProcesses(await terminal.pid);
    for (const [asked, typed] of dialogue) {
      await terminal.until(asked);
      await terminal.type(typed);
      await terminal.key("enter");
    }
    const status = await terminal.status;
    const seen = await processes.stop();
    assert.equal(status, 0, terminal.text());
    const { requests, ssh } = lab.simulator;
    const shown = { "the terminal": terminal.raw(), "what it shows": terminal.text() };
    const recorded = {
      "a process's arguments": seen.arguments,
      "a process's variables": seen.variables,
      "a request's URL": requests.map(({ path, query }) => `${path}?${query}`).join("\n"),
      "a node's arguments": ssh.argvs.flatMap(({ argv }) => argv).join("\n"),
      "a node's variables": [...ssh.variables].join("\n"),
      ...await filesBelow(home),
    };
    const tokens = [...made].map((one, i) => [`token ${i}`, one]);
    const all = { ...secrets, ...Object.fromEntries(tokens) };
    assert.match(seen.arguments, /main\.ts/);
    assert.deepEqual(findLeaks(all, shown), []);
    // A code is shown while it is typed: it is good for once.
    assert.deepEqual(findLeaks({ ...all, code }, recorded), []);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("a key's passphrase that is typed is nowhere to be seen", async () => {
  await using lab = await startLab();
  const login = logins.find(({ name }) => name === "SSH alone");
  const env = { ...lab.simulator.env(), ...login?.env(lab.simulator) };
  const key = env["SSH_KEY_PATH"] ?? "";
  const args = ["-q", "-p", "-f", key, "-P", "", "-N", passphrase];
  assert.ok((await new Deno.Command("ssh-keygen", { args }).output()).success);
  await answer(lab, ["list"], env, [[/passphrase of /, passphrase]], { passphrase });
});

Deno.test("a password that is typed is nowhere to be seen, nor the code after it", async () => {
  await using lab = await startLab();
  const user = lab.simulator.cluster.users.get("root@pam");
  assert.ok(user);
  Object.assign(user, { password, totp: code });
  const env = {
    PROXMOX_TOKEN_ID: undefined,
    PROXMOX_TOKEN_SECRET: undefined,
    PROXMOX_USER: "root@pam",
  };
  const create = ["create", "--hostname", "a", "--template", "debian-13", "--node", "pve01"];
  await answer(
    lab,
    [...create, "--cores", "1", "--memory", "512", "--storage", "4"],
    env,
    [[/password of root@pam/, password], [/code of the second factor/, code], [
      /Create it\?/,
      "y",
    ]],
    { password },
  );
});
