import assert from "node:assert/strict";
import { PxrunError } from "../../../lib/core/errors.ts";
import { type KeyType, run, type Sshd, startSshd } from "../../support/sshd.ts";

async function printOf(sshd: Sshd, type: KeyType): Promise<string> {
  const text = await run("ssh-keygen", ["-lf", `${sshd.directory}/host_${type}.pub`]);
  return text.split(" ")[1] ?? "";
}

async function refusal(sshd: Sshd, file: string): Promise<PxrunError> {
  const error = await sshd.connect([], { knownHostsFile: file }).then(() => {}, (error) => error);
  assert.ok(error instanceof PxrunError);
  assert.equal(error.code, "UNTRUSTED");
  return error;
}

Deno.test("connectSsh() refuses OpenSSH's unknown key, and takes the line that it says to add", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519");
  const file = `${sshd.directory}/empty`;
  const { message, hint } = await refusal(sshd, file);
  assert.ok(message.includes(await printOf(sshd, "ed25519")));
  const line = hint?.split(`add this line to ${file}:\n  `)[1] ?? "";
  await Deno.writeTextFile(file, `${line}\n`);
  await using connection = await sshd.connect([key], { knownHostsFile: file });
  assert.equal((await connection.exec("true")).code, 0);
});

Deno.test("connectSsh() refuses OpenSSH's changed key, and ssh-keygen -R removes the old line", async () => {
  await using sshd = await startSshd();
  await using before = await startSshd();
  const stale = await Deno.readTextFile(`${before.directory}/host_ed25519.pub`);
  const file = `${sshd.directory}/stale`;
  await Deno.writeTextFile(file, `# pve\n[127.0.0.1]:${sshd.port} ${stale}`);
  const { message, hint } = await refusal(sshd, file);
  assert.match(message, /has changed/);
  assert.ok(hint?.startsWith(`${file}:2 holds the ssh-ed25519 key `));
  assert.ok(hint?.includes(await printOf(before, "ed25519")));
  assert.ok(hint?.includes(await printOf(sshd, "ed25519")));
  const command = /`(ssh-keygen -R [^`]+)`/.exec(hint ?? "")?.[1] ?? "";
  await run("sh", ["-c", `${command} 2>&1`]);
  assert.match((await refusal(sshd, file)).message, /is not known/);
});

Deno.test("connectSsh() believes names that ssh-keygen -H has hashed", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519");
  const file = await sshd.knownHosts("ed25519");
  await run("ssh-keygen", ["-q", "-H", "-f", file]);
  assert.match(await Deno.readTextFile(file), /^\|1\|/);
  await using connection = await sshd.connect([key], { knownHostsFile: file });
  assert.equal((await connection.exec("true")).code, 0);
});

Deno.test("connectSsh() asks OpenSSH for the type of key that it is known by", async () => {
  const types: readonly KeyType[] = ["ed25519", "ecdsa", "rsa"];
  await using sshd = await startSshd([], types);
  const key = await sshd.newKey("id_ed25519");
  for (const type of types) {
    const file = await sshd.knownHosts(type);
    await using connection = await sshd.connect([key], { knownHostsFile: file });
    assert.equal((await connection.exec("true")).code, 0, type);
  }
});
