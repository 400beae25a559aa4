import assert from "node:assert/strict";
import { startSshServer } from "../../support/ssh_server.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { until } from "../../support/until.ts";
import { type Answers, type SshUser, sshUser } from "../../support/ssh_user.ts";

/** An entry of ssh_config for a server that the user knows by an alias, with a key of its own. */
async function entry(host: string, sshd: Sshd, ...more: string[]): Promise<string[]> {
  const known = `${sshd.directory}/known`;
  const key = await Deno.readTextFile(`${sshd.directory}/host_ed25519.pub`);
  await Deno.writeTextFile(known, `alias-of-${host} ${key}`);
  return [
    `Host ${host}`,
    "  HostName 127.0.0.1",
    `  Port ${sshd.port}`,
    `  HostKeyAlias alias-of-${host}`,
    `  UserKnownHostsFile ${known}`,
    `  IdentityFile ${await sshd.newKey(crypto.randomUUID())}`,
    ...more,
  ];
}

/** A user whose pve01 is reached through bastion and inner. */
async function threeHosts(
  bastion: Sshd,
  inner: Sshd,
  pve01: Sshd,
  answers?: Answers,
): Promise<SshUser> {
  const user = await sshUser(answers);
  await user.configure(
    ...await entry("bastion", bastion),
    // Of a hop that is not the first, this counts for nothing.
    ...await entry("inner", inner, "  ProxyJump nowhere.invalid"),
    ...await entry("pve01", pve01, "  ProxyJump bastion,inner"),
  );
  return user;
}

Deno.test("connectToNode() goes through two jump hosts, each by its own key, port and alias", async () => {
  await using pve01 = await startSshd();
  await using inner = await startSshd([`PermitOpen 127.0.0.1:${pve01.port}`]);
  await using bastion = await startSshd([`PermitOpen 127.0.0.1:${inner.port}`]);
  await using user = await threeHosts(bastion, inner, pve01);
  await using connection = await user.connect("pve01");
  const big = new Uint8Array(3_000_000).fill(120);
  const { code, stdout } = await connection.exec("cat; exit 7", { stdin: big });
  assert.deepEqual([code, stdout.length], [7, big.length]);
  const many = Array.from({ length: 20 }, (_, i) => connection.exec(`echo ${i}`));
  const texts = (await Promise.all(many)).map((one) => new TextDecoder().decode(one.stdout));
  assert.deepEqual(texts, Array.from({ length: 20 }, (_, i) => `${i}\n`));
});

Deno.test("connectToNode() follows the ProxyJump of the first jump host", async () => {
  await using pve01 = await startSshd();
  await using inner = await startSshd([`PermitOpen 127.0.0.1:${pve01.port}`]);
  await using bastion = await startSshd([`PermitOpen 127.0.0.1:${inner.port}`]);
  await using user = await sshUser();
  await user.configure(
    ...await entry("bastion", bastion),
    ...await entry("inner", inner, "  ProxyJump bastion"),
    ...await entry("pve01", pve01, `  ProxyJump ssh://root@inner:${inner.port}`),
  );
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
});

Deno.test("exec() fails when a jump host is lost, and the connection counts as closed", async () => {
  await using pve01 = await startSshd();
  await using bastion = await startSshServer({ forwards: true });
  await using user = await sshUser({ trust: true });
  await user.configure(
    "Host bastion",
    "  HostName 127.0.0.1",
    `  Port ${bastion.port}`,
    `  IdentityFile ${await pve01.newKey("bastion")}`,
    ...await entry("pve01", pve01, "  ProxyJump bastion"),
  );
  await using connection = await user.connect("pve01");
  const command = connection.exec("echo; sleep 60", { onStdout: () => bastion.drop() });
  await assert.rejects(command, {
    code: "UNREACHABLE",
    message: /was lost before the command ended/,
  });
  assert.equal(connection.closed, true);
});

Deno.test("connectToNode() lets its jump host go when the host behind it is lost", async () => {
  await using pve01 = await startSshd();
  await using bastion = await startSshServer({ forwards: true });
  await using user = await sshUser({ trust: true });
  await user.configure(
    "Host bastion",
    "  HostName 127.0.0.1",
    `  Port ${bastion.port}`,
    `  IdentityFile ${await pve01.newKey("bastion")}`,
    ...await entry("pve01", pve01, "  ProxyJump bastion"),
  );
  await using connection = await user.connect("pve01");
  assert.equal(bastion.open, 1);
  const lost = connection.exec("kill -KILL $PPID; sleep 60");
  await assert.rejects(lost, { code: "UNREACHABLE" });
  // Nobody has closed it: a run that goes on for long would keep one for each time.
  await until("the jump host to be let go", () => bastion.open === 0);
});

Deno.test("connectToNode() refuses a jump host whose key has changed, and asks it for nothing", async () => {
  await using pve01 = await startSshd();
  await using bastion = await startSshd();
  await using impostor = await startSshServer();
  await using user = await sshUser({ trust: true, passphrases: ["a"], logins: ["hunter2"] });
  const lines = await entry("bastion", bastion);
  await user.configure(
    ...lines.map((line) => line.replace(`Port ${bastion.port}`, `Port ${impostor.port}`)),
    ...await entry("pve01", pve01, "  ProxyJump bastion"),
  );
  await assert.rejects(user.connect("pve01"), {
    code: "UNTRUSTED",
    message: /host key of alias-of-bastion has changed/,
  });
  assert.equal(impostor.connections, 1);
  assert.deepEqual([impostor.logins, user.asked], [[], []]);
});

Deno.test("connectToNode() checks the key of a host behind a jump host", async () => {
  await using pve01 = await startSshd();
  await using bastion = await startSshd();
  await using impostor = await startSshServer();
  await using user = await sshUser({ trust: true, passphrases: ["a"], logins: ["hunter2"] });
  const lines = await entry("pve01", pve01, "  ProxyJump bastion");
  await user.configure(
    ...await entry("bastion", bastion),
    ...lines.map((line) => line.replace(`Port ${pve01.port}`, `Port ${impostor.port}`)),
  );
  await assert.rejects(user.connect("pve01"), {
    code: "UNTRUSTED",
    message: /host key of alias-of-pve01 has changed/,
  });
  assert.equal(impostor.connections, 1);
  assert.deepEqual([impostor.logins, user.asked], [[], []]);
});

Deno.test("connectToNode() asks about an unknown jump host before the host behind it", async () => {
  await using pve01 = await startSshd();
  await using bastion = await startSshd();
  await using user = await sshUser({ trust: true });
  const own = (line: string): boolean => !line.includes("UserKnownHostsFile");
  await user.configure(
    ...(await entry("bastion", bastion)).filter(own),
    ...(await entry("pve01", pve01, "  ProxyJump bastion")).filter(own),
  );
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
  assert.deepEqual(user.asked, ["alias-of-bastion", "alias-of-pve01"]);
});

Deno.test("connectToNode() says what a jump host cannot reach, and how ssh would go there", async () => {
  await using bastion = await startSshd();
  await using user = await sshUser();
  const port = 1;
  await user.configure(
    ...await entry("bastion", bastion),
    "Host pve01",
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    "  ProxyJump bastion",
  );
  await assert.rejects(user.connect("pve01"), {
    code: "UNREACHABLE",
    message: `no SSH connection to 127.0.0.1:${port} through 127.0.0.1:${bastion.port}: ` +
      "Connection refused",
    hint: new RegExp(`\`ssh -J root@127.0.0.1:${bastion.port} -p ${port} root@127.0.0.1\``),
  });
  await using closedBastion = await startSshd(["AllowTcpForwarding no"]);
  await using other = await sshUser();
  await other.configure(
    ...await entry("bastion", closedBastion),
    ...await entry("pve01", bastion, "  ProxyJump bastion"),
  );
  await assert.rejects(other.connect("pve01"), {
    code: "UNREACHABLE",
    message: /it forwards no connections there \(AllowTcpForwarding\)$/,
  });
});

Deno.test("findNode() refuses jump hosts that lead in a circle", async () => {
  await using user = await sshUser();
  await user.configure(
    ...["Host pve01", "  HostName pve01.invalid", "  ProxyJump a"],
    ...["Host a", "  ProxyJump b", "Host b", "  ProxyJump a"],
  );
  await assert.rejects(user.connect("pve01"), {
    code: "FAILED",
    message: /in a circle: pve01 through a through b through a$/,
    hint: /"ProxyJump none"/,
  });
});
