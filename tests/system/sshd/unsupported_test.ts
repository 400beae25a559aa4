import assert from "node:assert/strict";
import { PxrunError } from "../../../lib/core/errors.ts";
import { parseSshNodes } from "../../../lib/ssh/route/node_address.ts";
import { run, type Sshd, startSshAgent, startSshd } from "../../support/sshd.ts";
import { type SshUser, sshUser } from "../../support/ssh_user.ts";

/** A server that takes only certificates of its authority, and a key with one. */
async function certifying(): Promise<Sshd & { readonly key: string }> {
  const directory = await Deno.makeTempDir({ prefix: "ca-" });
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${directory}/ca`]);
  const key = `${directory}/u_cert`;
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  await run("ssh-keygen", ["-q", "-s", `${directory}/ca`, "-I", "me", "-n", "root", `${key}.pub`]);
  const sshd = await startSshd([`TrustedUserCAKeys ${directory}/ca.pub`]);
  return {
    ...sshd,
    key,
    async [Symbol.asyncDispose]() {
      await sshd[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Somebody who knows the server, with these lines about it. */
async function userOf(sshd: Sshd, ...lines: string[]): Promise<SshUser> {
  const user = await sshUser();
  const known = await sshd.knownHosts("ed25519");
  await user.configure(
    "Host pve01",
    "HostName 127.0.0.1",
    `Port ${sshd.port}`,
    `UserKnownHostsFile ${known}`,
    "IdentitiesOnly no",
    ...lines,
  );
  return user;
}

async function refusal(user: SshUser): Promise<PxrunError> {
  const error = await user.connect("pve01").then(() => undefined, (error) => error);
  assert.ok(error instanceof PxrunError, `${error}`);
  assert.equal(error.code, "UNAUTHORIZED");
  return error;
}

Deno.test("connectToNode() names a certificate as what it cannot log in by, in a file or the agent", async () => {
  await using sshd = await certifying();
  await using named = await userOf(
    sshd,
    `IdentityFile ${sshd.key}`,
    `CertificateFile ${sshd.key}-cert.pub`,
    "IdentityAgent none",
  );
  await using beside = await userOf(sshd, `IdentityFile ${sshd.key}`, "IdentityAgent none");
  for (const user of [named, beside]) {
    const { message, hint } = await refusal(user);
    assert.match(message, /; pxrun cannot log in by the certificate \S+u_cert-cert\.pub$/);
    assert.match(hint ?? "", /^pxrun logs in by plain keys, not by certificates/);
    assert.match(hint ?? "", /ssh-keygen -t ed25519.*ssh-copy-id -p \d+ root@127\.0\.0\.1/s);
  }
  await using agent = await startSshAgent(sshd.directory);
  await agent.add(sshd.key);
  await Deno.remove(`${sshd.key}-cert.pub`);
  await using holder = await userOf(sshd, "IdentityFile none", `IdentityAgent ${agent.socket}`);
  const { message } = await refusal(holder);
  assert.match(message, /cannot log in by the agent's ssh-ed25519-cert-v01@openssh\.com /);
});

Deno.test("connectToNode() takes the plain key where there is a certificate, too", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_plain");
  await Deno.writeTextFile(`${key}-cert.pub`, "ssh-ed25519-cert-v01@openssh.com AAAA me\n");
  await using user = await userOf(sshd, `IdentityFile ${key}`);
  await using connection = await user.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
});

Deno.test("connectToNode() names the key files that are not there", async () => {
  await using sshd = await startSshd();
  await using user = await userOf(sshd, "IdentityFile ${HOME}/no-%u", "IdentityAgent none");
  const { message, hint } = await refusal(user);
  assert.match(message, /^there is no SSH key .*; \/\S*\/no-\w+ does not exist$/);
  assert.match(hint ?? "", /IdentityFile in ssh_config/);
});

Deno.test("connectToNode() says that nothing is kept with UserKnownHostsFile /dev/null", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519");
  for (const file of ["/dev/null", "none"]) {
    await using user = await sshUser({ trust: true });
    const port = `Port ${sshd.port}`;
    const about = ["Host pve01", "HostName 127.0.0.1", port, `IdentityFile ${key}`];
    await user.configure(...about, `UserKnownHostsFile ${file}`);
    await assert.rejects(user.connect("pve01", { questions: undefined }), {
      code: "UNTRUSTED",
      hint: /PXRUN_KNOWN_HOSTS, since UserKnownHostsFile in ssh_config keeps none:\n {2}\[127/,
    });
    const warnings: string[] = [];
    await using connection = await user.connect("pve01", {
      warn: (one) => void warnings.push(one),
    });
    assert.equal((await connection.exec("exit 7")).code, 7);
    assert.match(warnings.join("\n"), /is not remembered: UserKnownHostsFile/);
  }
  assert.equal((await Deno.stat("/dev/null")).isCharDevice, true);
});

Deno.test("connectToNode() says which known_hosts it cannot read, and asks nothing then", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519");
  await using user = await sshUser({ trust: true });
  const about = ["Host pve01", "HostName 127.0.0.1", `Port ${sshd.port}`, `IdentityFile ${key}`];
  const known = await sshd.knownHosts("ed25519");
  await user.configure(...about, `UserKnownHostsFile ${sshd.directory}`);
  await assert.rejects(user.connect("pve01"), {
    code: "UNTRUSTED",
    message: /cannot be checked: cannot read \S+: it is a directory$/,
  });
  assert.deepEqual(user.asked, []);
  // What another file knows counts all the same.
  await using other = await sshUser();
  await other.configure(...about, `UserKnownHostsFile ${sshd.directory} ${known}`);
  await using connection = await other.connect("pve01");
  assert.equal((await connection.exec("exit 7")).code, 7);
});

const NO_COMMON: readonly (readonly [line: string, words: RegExp])[] = [
  ["KexAlgorithms sntrup761x25519-sha512@openssh.com", /no key exchange algorithm/],
  ["MACs umac-128@openssh.com", /no MAC algorithm/],
];

for (const [line, words] of NO_COMMON) {
  Deno.test(`connectSsh() names the setting of a host that offers nothing else than ${line}`, async () => {
    // Ciphers that bring their own MAC would do without.
    await using sshd = await startSshd([line, "Ciphers aes256-ctr"]);
    const key = await sshd.newKey("id_ed25519");
    await assert.rejects(sshd.connect([key]), {
      code: "UNREACHABLE",
      message: words,
      hint: new RegExp(`^let ${line.split(" ")[0]} in its sshd_config have one`),
    });
  });
}

Deno.test("connectToNode() asks ssh_config as the user of SSH_USER, or as root", async () => {
  await using sshd = await startSshd();
  const key = await sshd.newKey("id_ed25519");
  await using user = await sshUser();
  const known = await sshd.knownHosts("ed25519");
  await user.configure(
    `Match user ${sshd.user}`,
    `Port ${sshd.port}`,
    `IdentityFile ${key}`,
    `UserKnownHostsFile ${known}`,
    "Host pve01",
    "HostName 127.0.0.1",
  );
  for (
    const options of [{ user: sshd.user }, { nodes: parseSshNodes(`pve01=${sshd.user}@127.0.0.1`) }]
  ) {
    await using connection = await user.connect("pve01", options);
    assert.equal((await connection.exec("exit 7")).code, 7);
  }
});
