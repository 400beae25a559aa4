import assert from "node:assert/strict";
import { run, type Sshd, startSshd } from "../../support/sshd.ts";
import { type Answers, type SshUser, sshUser } from "../../support/ssh_user.ts";

/** A user whose ssh_config names the server pve01, with a key that it accepts. */
async function userOf(
  sshd: Sshd,
  answers?: Answers,
  more: readonly string[] = [],
): Promise<SshUser> {
  const user = await sshUser(answers);
  await user.configure(
    "Host pve01",
    "  HostName 127.0.0.1",
    `  Port ${sshd.port}`,
    `  IdentityFile ${await sshd.newKey(crypto.randomUUID())}`,
    ...more,
  );
  return user;
}

/** Lets the real ssh log in, which must ask nothing. */
async function byRealSsh(user: SshUser): Promise<string> {
  const strict = ["-oBatchMode=yes", "-oStrictHostKeyChecking=yes"];
  return await run("ssh", ["-F", user.config, ...strict, "pve01", "echo hello"]);
}

Deno.test("connectToNode() shows an unknown key of OpenSSH, and remembers it for ssh too", async () => {
  await using sshd = await startSshd();
  await using user = await userOf(sshd, { trust: true });
  await using first = await user.connect("pve01");
  assert.equal((await first.exec("exit 7")).code, 7);
  const name = `[127.0.0.1]:${sshd.port}`;
  const [shown] = user.shown;
  const printed = await run("ssh-keygen", ["-lf", `${sshd.directory}/host_ed25519.pub`]);
  assert.deepEqual([shown?.host, shown?.type, shown?.fingerprint], [
    name,
    "ssh-ed25519",
    printed.split(" ")[1],
  ]);
  assert.equal(shown?.compare, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
  assert.equal((await Deno.stat(user.knownHosts)).mode ?? 0, 0o100600);
  assert.equal((await Deno.stat(`${user.home}/.ssh`)).mode ?? 0, 0o040700);
  assert.equal(await byRealSsh(user), "hello\n");
  await using second = await user.connect("pve01");
  assert.equal((await second.exec("true")).code, 0);
  assert.deepEqual(user.asked, [name]);
});

Deno.test("connectToNode() hides the name in known_hosts where ssh_config says so", async () => {
  await using sshd = await startSshd();
  await using user = await userOf(sshd, { trust: true }, ["  HashKnownHosts yes"]);
  await using _first = await user.connect("pve01");
  assert.match(await Deno.readTextFile(user.knownHosts), /^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
  assert.equal(await byRealSsh(user), "hello\n");
  await using _second = await user.connect("pve01");
  assert.equal(user.asked.length, 1);
});

Deno.test("connectToNode() adds its line behind one without an end, and asks once for two connections", async () => {
  await using sshd = await startSshd();
  await using user = await userOf(sshd, { trust: true });
  await Deno.mkdir(`${user.home}/.ssh`);
  await Deno.writeTextFile(user.knownHosts, "# mine", { mode: 0o644 });
  const connections = await user.connectAll(["pve01", "pve01"]);
  await Promise.all(connections.map((one) => one.close()));
  assert.match(
    await Deno.readTextFile(user.knownHosts),
    /^# mine\n\[127\.0\.0\.1\]:\S+ \S+ \S+\n$/,
  );
  assert.equal((await Deno.stat(user.knownHosts)).mode ?? 0, 0o100644);
  assert.equal(user.asked.length, 1);
});

Deno.test("connectToNode() goes on, and says so, where known_hosts cannot be written", async () => {
  await using sshd = await startSshd();
  await using user = await userOf(sshd, { trust: true });
  await Deno.writeTextFile(`${user.home}/.ssh`, "no directory");
  const warnings: string[] = [];
  await using first = await user.connect("pve01", { warn: (line) => void warnings.push(line) });
  assert.equal((await first.exec("exit 7")).code, 7);
  assert.match(
    warnings.join("\n"),
    /^the host key of \S+ is not remembered: cannot .*known_hosts: /,
  );
});

Deno.test("connectToNode() writes nothing when the user says no, or cannot be asked", async () => {
  await using sshd = await startSshd();
  for (const answers of [{ trust: false }, undefined]) {
    await using user = await userOf(sshd, answers);
    await assert.rejects(user.connect("pve01"), { code: "UNTRUSTED", message: /is not known/ });
    await assert.rejects(Deno.stat(user.knownHosts), Deno.errors.NotFound);
  }
});

Deno.test("connectToNode() asks nothing where ssh_config says that nothing is to be asked", async () => {
  await using sshd = await startSshd();
  for (const line of ["  StrictHostKeyChecking yes", "  BatchMode yes"]) {
    await using user = await userOf(sshd, { trust: true }, [line]);
    await assert.rejects(user.connect("pve01"), { code: "UNTRUSTED" });
    assert.deepEqual(user.asked, []);
  }
});

Deno.test("connectToNode() never asks about a changed or a revoked key", async () => {
  await using sshd = await startSshd();
  await using other = await startSshd();
  const read = (from: Sshd): Promise<string> =>
    Deno.readTextFile(`${from.directory}/host_ed25519.pub`);
  const name = `[127.0.0.1]:${sshd.port}`;
  const cases: readonly [line: string, message: RegExp][] = [
    [`${name} ${await read(other)}`, /has changed/],
    [`@revoked ${name} ${await read(sshd)}`, /is revoked/],
  ];
  for (const [line, message] of cases) {
    await using user = await userOf(sshd, { trust: true });
    await Deno.mkdir(`${user.home}/.ssh`);
    await Deno.writeTextFile(user.knownHosts, line);
    await assert.rejects(user.connect("pve01"), { code: "UNTRUSTED", message });
    assert.deepEqual(user.asked, []);
    assert.equal(await Deno.readTextFile(user.knownHosts), line);
  }
});
