import assert from "node:assert/strict";
import { processRunner } from "../../../lib/host/process.ts";
import { readSshConfig, type SshConfig } from "../../../lib/ssh/config.ts";
import { aloneEnv } from "../../support/alone.ts";

const world = {
  run: processRunner(aloneEnv()),
  home: "/home/me",
  env: { SSH_AUTH_SOCK: "/run/agent" },
  self: { user: undefined },
};

async function withConfig(
  text: string,
  test: (read: (host: string) => Promise<SshConfig>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/config`;
    await Deno.writeTextFile(file, text.replaceAll("FOLDER", folder));
    await test((host) => readSshConfig(host, world, { file }), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
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
  await withConfig(text, async (read, folder) => {
    await Deno.writeTextFile(
      `${folder}/included`,
      "Host pve01\n  HostName 10.0.0.1\n  Port 2222\n  HostKeyAlias one\n  IdentityAgent none\n",
    );
    // HostName takes effect at once, so that a later "Match host" sees the address.
    const one = await read("pve01");
    assert.deepEqual([one.hostname, one.port, one.named], ["10.0.0.1", 2222, true]);
    assert.deepEqual([one.hostKeyAlias, one.agent, one.identitiesOnly], ["one", undefined, true]);
    const two = await read("pve02");
    assert.deepEqual([two.hostname, two.port, two.user, two.named], ["pve02", 22, "admin", true]);
    assert.deepEqual(two.identityFiles, ["/home/me/.ssh/pve02"]);
    assert.deepEqual(two.userKnownHosts, [`${folder}/kh_pve02`]);
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
