import assert from "node:assert/strict";
import { processRunner } from "../../../lib/host/process.ts";
import {
  readSshConfig,
  type SshConfig,
  type SshConfigOptions,
} from "../../../lib/ssh/route/config.ts";
import { aloneEnv } from "../../support/alone.ts";
import { run } from "../../support/sshd.ts";

const platform = {
  run: processRunner({ ...aloneEnv(), KEYS: "/keys and more" }),
  home: "/home/me",
  env: { SSH_AUTH_SOCK: "/run/agent" },
  self: { user: undefined },
};

async function withConfig(
  text: string,
  test: (
    read: (host: string, options?: SshConfigOptions) => Promise<SshConfig>,
    directory: string,
  ) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const file = `${directory}/config`;
    await Deno.writeTextFile(file, text.replaceAll("FOLDER", directory));
    await test((host, options) => readSshConfig(host, platform, { file, ...options }), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("readSshConfig() reads a real ssh_config with Include, Match and tokens", async () => {
  const text = [
    "Include FOLDER/included",
    "Match host pve*",
    "  User admin",
    "  IdentityFile ~/.ssh/%h",
    "  UserKnownHostsFile FOLDER/kh_%h",
    "Host *",
    "  IdentitiesOnly yes",
  ].join("\n");
  await withConfig(text, async (read, directory) => {
    await Deno.writeTextFile(
      `${directory}/included`,
      "Host pve01\n  HostName 10.0.0.1\n  Port 2222\n  HostKeyAlias one\n  IdentityAgent none\n",
    );
    // HostName takes effect at once, so that a later "Match host" sees the address.
    const one = await read("pve01");
    assert.deepEqual([one.hostname, one.port, one.named], ["10.0.0.1", 2222, true]);
    assert.deepEqual([one.hostKeyAlias, one.agent, one.identitiesOnly], ["one", undefined, true]);
    const two = await read("pve02");
    assert.deepEqual([two.hostname, two.port, two.user, two.named], ["pve02", 22, "admin", true]);
    assert.deepEqual(two.identityFiles, ["/home/me/.ssh/pve02"]);
    assert.deepEqual(two.userKnownHosts, [`${directory}/kh_pve02`]);
    assert.equal(two.agent, "/run/agent");
    const other = await read("10.9.9.9");
    assert.deepEqual([other.hostname, other.named, other.identitiesOnly], [
      "10.9.9.9",
      false,
      true,
    ]);
  });
});

Deno.test("readSshConfig() reads what the real ssh says about jumps, questions and hashing", async () => {
  const text = [
    "Host pve01",
    "  ProxyJump me@[::1]:23,bastion",
    "  StrictHostKeyChecking yes",
    "Host pve02",
    "  ProxyJump none",
    "  HashKnownHosts yes",
    "  BatchMode yes",
    "  UserKnownHostsFile none",
    "Host pve03",
    "  ProxyCommand nc %h %p",
  ].join("\n");
  await withConfig(text, async (read) => {
    const one = await read("pve01");
    assert.deepEqual([one.proxyJump, one.strictHostKeys], ["me@[::1]:23,bastion", true]);
    const two = await read("pve02");
    assert.deepEqual([two.proxyJump, two.strictHostKeys], [undefined, false]);
    assert.deepEqual([two.hashKnownHosts, two.batchMode, two.userKnownHosts], [true, true, []]);
    await assert.rejects(read("pve03"), { code: "NOT_BUILT", message: /"ProxyCommand nc/ });
  });
});

Deno.test("readSshConfig() repeats what the real ssh finds wrong", async () => {
  await withConfig("Bogus yes\n", async (read) => {
    await assert.rejects(read("pve01"), { code: "FAILED", message: /Bad configuration option/ });
  });
});

Deno.test("readSshConfig() expands every token and variable in the names of keys as ssh does", async () => {
  const text = [
    "Host pve01",
    "  HostName 10.0.0.1",
    "  User admin",
    "  HostKeyAlias one",
    "  IdentityFile ${KEYS}/u_ed",
    "  IdentityFile ~/.ssh/%u_%i_%k",
    '  IdentityFile "%d/a \\"b\\"/%h %n %p %r 100%%%%d"',
    "  IdentityFile /keys/%C",
    "  CertificateFile ${KEYS}/%r-cert.pub",
    "Host pve02",
    "  IdentityFile none",
    "Host pve03",
    "  IdentityFile ${NO_SUCH_VARIABLE}/key",
  ].join("\n");
  await withConfig(text, async (read) => {
    const { identityFiles: [variable, ids, all, hash, ...more], certificateFiles } = await read(
      "pve01",
    );
    assert.equal(variable, "/keys and more/u_ed");
    assert.equal(ids, `/home/me/.ssh/${(await run("id", ["-un"])).trim()}_${Deno.uid()}_one`);
    assert.equal(all, '/home/me/a "b"/10.0.0.1 pve01 22 admin 100%%d');
    assert.match(hash ?? "", /^\/keys\/[0-9a-f]{40}$/);
    assert.deepEqual(more, []);
    assert.deepEqual(certificateFiles, ["/keys and more/admin-cert.pub"]);
    assert.deepEqual((await read("pve02")).identityFiles, []);
    await assert.rejects(read("pve03"), { code: "FAILED", message: /NO_SUCH_VARIABLE/ });
  });
});

Deno.test("readSshConfig() knows a named host also where ssh has nothing to say about another", async () => {
  const text = [
    "Host pve02",
    "  CanonicalizeHostname no",
    "Host pve01",
    "  HostName 127.0.0.1",
    "Host *",
    "  CanonicalizeHostname yes",
    "  CanonicalDomains example.invalid",
    "  CanonicalizeFallbackLocal no",
  ].join("\n");
  await withConfig(text, async (read) => {
    const one = await read("pve01");
    assert.deepEqual([one.hostname, one.named], ["127.0.0.1", true]);
    assert.equal((await read("pve02")).hostname, "pve02");
  });
});

Deno.test("readSshConfig() goes by the user who logs in, in Match and in tokens", async () => {
  const text = [
    "Match user admin",
    "  IdentityFile ~/.ssh/u_ed",
    "  Port 2922",
    "Match user root",
    "  IdentityFile ~/.ssh/as_%r",
    "Host pve01",
    "  HostName 127.0.0.1",
    "Host pve02",
    "  User admin",
  ].join("\n");
  await withConfig(text, async (read) => {
    const admin = await read("pve01", { user: "admin", otherwise: "root" });
    assert.deepEqual([admin.port, admin.identityFiles], [2922, ["/home/me/.ssh/u_ed"]]);
    const root = await read("pve01", { otherwise: "root" });
    assert.deepEqual([root.port, root.identityFiles], [22, ["/home/me/.ssh/as_root"]]);
    assert.ok(root.named);
    assert.equal((await read("pve02", { otherwise: "root" })).user, "admin");
    assert.ok(!(await read("pve03", { otherwise: "root" })).named);
  });
});
