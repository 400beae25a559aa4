import assert from "node:assert/strict";
import { startSshAgent, startSshd } from "../../support/sshd.ts";

Deno.test("connectSsh() logs in to OpenSSH with ed25519, RSA and ECDSA keys", async () => {
  await using sshd = await startSshd();
  const keys = [
    await sshd.newKey("ed25519"),
    await sshd.newKey("rsa", "rsa"),
    await sshd.newKey("pem", "rsa", ["-N", "", "-m", "PEM"]),
    await sshd.newKey("p384", "ecdsa", ["-N", "", "-b", "384"]),
  ];
  // Half of these begin with a set bit.
  for (let i = 0; i < 6; i++) keys.push(await sshd.newKey(`ecdsa${i}`, "ecdsa"));
  for (const key of keys) {
    await using connection = await sshd.connect([key]);
    assert.equal((await connection.exec("exit 7")).code, 7, key);
  }
});

Deno.test("connectSsh() logs in to OpenSSH with ssh-agent, even with an encrypted key's file", async () => {
  await using sshd = await startSshd();
  const encrypted = await sshd.newKey("id_ed25519", "ed25519", ["-N", "correct horse"]);
  const rsa = await sshd.newKey("id_rsa", "rsa");
  await assert.rejects(sshd.connect([encrypted]), {
    code: "UNAUTHORIZED",
    message: /id_ed25519 is encrypted/,
    hint: /`ssh-add .*\/id_ed25519` lets the SSH agent use it/,
  });
  await using agent = await startSshAgent(sshd.directory);
  await agent.add(rsa);
  await using byRsa = await sshd.connect([], { agent: agent.socket });
  assert.equal((await byRsa.exec("exit 7")).code, 7);
  await agent.add(encrypted, "correct horse");
  await using byFile = await sshd.connect([encrypted], {
    agent: agent.socket,
    identitiesOnly: true,
  });
  assert.equal((await byFile.exec("exit 7")).code, 7);
});

Deno.test("connectSsh() says what OpenSSH refused", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519");
  await Deno.writeTextFile(`${sshd.directory}/authorized_keys`, "");
  await assert.rejects(sshd.connect([key]), {
    code: "UNAUTHORIZED",
    message: `${sshd.user}@127.0.0.1:${sshd.port} refused ${key}`,
    hint: /ssh-copy-id/,
  });
});

Deno.test("connectSsh() says which keys were one too many for OpenSSH", async () => {
  await using sshd = await startSshd(["MaxAuthTries 2"]);
  const keys = await Promise.all(["a", "b", "c"].map((name) => sshd.newKey(name)));
  await Deno.writeTextFile(`${sshd.directory}/authorized_keys`, "");
  await assert.rejects(sshd.connect(keys), {
    code: "UNAUTHORIZED",
    message: /refused .*\/a, .*\/b/,
    hint: /SSH_KEY_PATH/,
  });
});
