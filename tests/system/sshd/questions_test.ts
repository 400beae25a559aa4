import assert from "node:assert/strict";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { startSshServer } from "../../support/ssh_server.ts";
import { type Answers, type SshUser, sshUser } from "../../support/ssh_user.ts";
import { keyText } from "../../../lib/ssh/trust/wire.ts";

const right = "correct horse";

/** A server that lets in by PAM, which asks for one password; its answer is checked by a script. */
async function startPamSshd(config: readonly string[] = []): Promise<Sshd> {
  return await startSshd(
    [
      "UsePAM yes",
      "KbdInteractiveAuthentication yes",
      "PermitRootLogin yes",
      ...config,
    ],
    ["ed25519"],
    { pamPassword: right },
  );
}

async function userOf(sshd: Sshd, answers?: Answers): Promise<SshUser> {
  const user = await sshUser(answers);
  await user.configure(
    "Host pve01",
    "  HostName 127.0.0.1",
    `  Port ${sshd.port}`,
    `  UserKnownHostsFile ${await sshd.knownHosts("ed25519")}`,
  );
  return user;
}

Deno.test("connectToNode() passes on what PAM asks, hidden, after all keys were refused", async () => {
  await using sshd = await startPamSshd();
  await using user = await userOf(sshd, { logins: [right] });
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.deepEqual(user.asked, [`root@127.0.0.1:${sshd.port}: Password`]);
});

Deno.test("connectToNode() asks for a password once, and says what was refused", async () => {
  await using sshd = await startPamSshd(["PasswordAuthentication yes"]);
  await using user = await userOf(sshd, { logins: ["wrong", right] });
  await assert.rejects(user.connect("pve01"), {
    code: "UNAUTHORIZED",
    message: /refused the answers to its questions$/,
  });
  assert.equal(user.asked.length, 1);
});

Deno.test("connectToNode() asks for the plain password where OpenSSH takes nothing else", async () => {
  await using sshd = await startPamSshd([
    "PasswordAuthentication yes",
    "AuthenticationMethods password",
  ]);
  await using user = await userOf(sshd, { logins: [right] });
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.deepEqual(user.asked, [`root@127.0.0.1:${sshd.port}: password`]);
});

Deno.test("connectToNode() answers PAM's question after the key that OpenSSH wants as well", async () => {
  await using sshd = await startPamSshd(["AuthenticationMethods publickey,keyboard-interactive"]);
  await using user = await userOf(sshd, { logins: [right] });
  await user.configure("Host *", `  IdentityFile ${await sshd.newKey("id_ed25519")}`);
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.equal(user.asked.length, 1);
});

Deno.test("connectToNode() has no password where nobody can be asked", async () => {
  await using sshd = await startPamSshd();
  await using user = await userOf(sshd);
  await assert.rejects(user.connect("pve01"), { code: "UNAUTHORIZED" });
});

Deno.test("connectToNode() gives a host with another key not one byte of a credential", async () => {
  await using real = await startSshServer();
  await using impostor = await startSshServer();
  await using sshd = await startSshd();
  const lines = (key: Uint8Array = new Uint8Array()): string =>
    `[127.0.0.1]:${impostor.port} ${keyText(key)}`;
  const cases: readonly [known: string, trust: boolean, asked: number][] = [
    [lines(real.publicKeys[0]), true, 0],
    [`@revoked ${lines(impostor.publicKeys[0])}`, true, 0],
    ["", false, 1],
  ];
  for (const [known, trust, asked] of cases) {
    await using user = await sshUser({ trust, passphrases: [right], logins: ["hunter2"] });
    await Deno.mkdir(`${user.home}/.ssh`);
    await Deno.writeTextFile(user.knownHosts, `${known}\n`);
    await user.configure(
      "Host pve01",
      "  HostName 127.0.0.1",
      `  Port ${impostor.port}`,
      `  IdentityFile ${await sshd.newKey(crypto.randomUUID())}`,
      `  IdentityFile ${await sshd.newKey(crypto.randomUUID(), "ed25519", ["-N", right])}`,
    );
    await assert.rejects(user.connect("pve01"), { code: "UNTRUSTED" });
    assert.equal(user.asked.length, asked);
  }
  assert.equal(impostor.connections, cases.length);
  // Not even a user's name or a public key: no login was begun.
  assert.deepEqual(impostor.logins, []);
});
