import assert from "node:assert/strict";
import { testPlatform } from "../../../tests/support/platform.ts";
import { terminalQuestions } from "./connect_questions.ts";

const key = {
  host: "[10.0.0.1]:2222",
  type: "ssh-ed25519",
  fingerprint: "SHA256:abc",
  line: "",
  compare: "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
};

Deno.test("terminalQuestions() shows a host's key, and takes only a yes for one", async () => {
  for (const [answer, trusted] of [["yes", true], ["", false], ["no", false]] as const) {
    const platform = testPlatform({ answers: [answer] });
    assert.equal(await terminalQuestions(platform).trust(key), trusted);
    for (const text of [key.host, key.type, key.fingerprint, key.compare, "[y/N]"]) {
      assert.ok(platform.stderr().includes(text), text);
    }
    assert.equal(platform.stdout(), "");
  }
});

Deno.test("terminalQuestions() asks for no secret on a terminal that would show it", async () => {
  const questions = terminalQuestions(testPlatform({ answers: ["hunter2"] }));
  await assert.rejects(questions.passphrase("id_rsa", 1), {
    code: "USAGE",
    message: "cannot ask for the passphrase of id_rsa: this terminal (TERM=dumb) would show it",
    hint: /ssh-add/,
  });
  await assert.rejects(questions.login("root@pve01:22", "Password", false), { code: "USAGE" });
  const code = await questions.login("root@pve01:22", "One-time code", true);
  assert.equal(code.reveal(), "hunter2");
});
