import assert from "node:assert/strict";
import { type KeyType, run, type Sshd, startSshAgent, startSshd } from "../../support/sshd.ts";
import { type Answers, type SshUser, sshUser } from "../../support/ssh_user.ts";

const right = "correct horse";

/** A user who knows the server pve01, with these key files. */
async function userOf(sshd: Sshd, keys: readonly string[], answers?: Answers): Promise<SshUser> {
  const user = await sshUser(answers);
  await user.configure(
    "Host pve01",
    "  HostName 127.0.0.1",
    `  Port ${sshd.port}`,
    `  UserKnownHostsFile ${await sshd.knownHosts("ed25519")}`,
    ...keys.map((key) => `  IdentityFile ${key}`),
  );
  return user;
}

Deno.test("connectToNode() opens encrypted keys in every format of ssh-keygen", async () => {
  await using sshd = await startSshd();
  const kinds: readonly [type: KeyType, ...extra: string[]][] = [
    ["ed25519"],
    ["rsa"],
    ["ecdsa"],
    ["ecdsa", "-b", "384"],
    ["rsa", "-m", "PEM"],
    ["ecdsa", "-m", "PEM"],
    ["rsa", "-m", "PKCS8"],
    ["ecdsa", "-m", "PKCS8"],
  ];
  for (const [index, [type, ...extra]] of kinds.entries()) {
    const key = await sshd.newKey(`key${index}`, type, ["-N", right, ...extra]);
    // Without the public half beside it, only OpenSSH's own format tells it.
    for (const withPublic of [true, false]) {
      if (!withPublic) await Deno.remove(`${key}.pub`);
      await using user = await userOf(sshd, [key], { passphrases: [right] });
      await using connection = await user.connect("pve01");
      assert.equal((await connection.exec("exit 7")).code, 7, `${type} ${extra}`);
      assert.deepEqual(user.asked, [key]);
    }
  }
});

Deno.test("connectToNode() asks for a passphrase once for all connections of a run", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519", "ed25519", ["-N", right]);
  await using user = await userOf(sshd, [key], { passphrases: [right] });
  const connections = await user.connectAll(["pve01", "pve01", "pve01"]);
  const results = await Promise.all(connections.map((one) => one.exec("exit 7")));
  await Promise.all(connections.map((one) => one.close()));
  assert.deepEqual(results.map(({ code }) => code), [7, 7, 7]);
  assert.deepEqual(user.asked, [key]);
});

Deno.test("connectToNode() asks again after a wrong passphrase, three times in all", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519", "ed25519", ["-N", right]);
  await using patient = await userOf(sshd, [key], { passphrases: ["a", "b", right] });
  await using connection = await patient.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  await using hopeless = await userOf(sshd, [key], { passphrases: ["a", "b", "c", right] });
  await assert.rejects(hopeless.connect("pve01"), {
    code: "UNAUTHORIZED",
    message: /id_ed25519 is encrypted, and no passphrase opened it/,
    hint: /ssh-keygen -y -f .*id_ed25519/,
  });
  assert.equal(hopeless.asked.length, 3);
});

Deno.test("connectToNode() goes on to the next key when a passphrase is left empty", async () => {
  await using sshd = await startSshd();
  const encrypted = await sshd.newKey("encrypted", "ed25519", ["-N", right]);
  const plain = await sshd.newKey("plain");
  await using user = await userOf(sshd, [encrypted, plain], { passphrases: [""] });
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.deepEqual(user.asked, [encrypted]);
});

Deno.test("connectToNode() asks for no passphrase of a key that the host would refuse", async () => {
  await using sshd = await startSshd();
  const stranger = `${sshd.directory}/stranger`;
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", right, "-f", stranger]);
  const plain = await sshd.newKey("plain");
  await using user = await userOf(sshd, [stranger, plain], { passphrases: [right] });
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.deepEqual(user.asked, []);
});

Deno.test("connectToNode() asks for no passphrase of a key that ssh-agent holds", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_rsa", "rsa", ["-N", right]);
  await using agent = await startSshAgent(sshd.directory);
  await agent.add(key, right);
  await using user = await userOf(sshd, [key], { passphrases: [right] });
  await user.configure("Host *", `  IdentityAgent ${agent.socket}`);
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.deepEqual(user.asked, []);
});

Deno.test("connectToNode() says what to do with an encrypted key when nobody can be asked", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519", "ed25519", ["-N", right]);
  await using user = await userOf(sshd, [key]);
  await assert.rejects(user.connect("pve01"), {
    code: "UNAUTHORIZED",
    message: /id_ed25519 is encrypted/,
    hint: /`ssh-add .*id_ed25519` .* only on a terminal/,
  });
});
