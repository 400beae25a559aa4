import assert from "node:assert/strict";
import type { ProcessResult, RunProcess } from "../../core/platform.ts";
import { readSshConfig, type SshConfigWorld } from "./config.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What `ssh -G` prints for any host that nothing is said about. */
const everyHost: Readonly<Record<string, string>> = {
  user: "me",
  port: "22",
  identitiesonly: "no",
  identityfile: "~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ed25519",
  globalknownhostsfile: "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
  userknownhostsfile: "/home/me/.ssh/known_hosts /home/me/.ssh/known_hosts2",
};

/** A platform whose `ssh -G` knows these hosts. */
function platform(
  hosts: Readonly<Record<string, Readonly<Record<string, string>>>>,
  env: SshConfigWorld["env"] = {},
): SshConfigWorld & { calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  const run: RunProcess = (program, args) => {
    calls.push([program, ...args]);
    const host = args.at(-1) ?? "";
    const lines = { host, hostname: host, ...everyHost, ...hosts["*"], ...hosts[host] };
    const text = Object.entries(lines).map(([key, value]) => `${key} ${value}\n`).join("");
    return Promise.resolve({ code: 0, stdout: bytes(text), stderr: bytes("") });
  };
  return { run, home: "/home/me", env, self: { user: "me" }, calls };
}

const failing = (result: ProcessResult | undefined): SshConfigWorld => ({
  run: () => Promise.resolve(result),
  home: "/home/me",
  env: {},
  self: { user: "me" },
});

Deno.test("readSshConfig() reads what ssh says about a host", async () => {
  const entry = {
    hostname: "10.0.0.1",
    port: "2222",
    user: "admin",
    identitiesonly: "yes",
    identityfile: "~/.ssh/%h_%r_%n_%p_%d_%%_%C\nidentityfile /keys/a b",
    identityagent: "~/agent.sock",
    userknownhostsfile: "/home/me/kh /tmp/with space/kh",
    hostkeyalias: "alias",
  };
  assert.deepEqual(await readSshConfig("pve01", platform({ pve01: entry })), {
    hostname: "10.0.0.1",
    port: 2222,
    user: "admin",
    named: true,
    identityFiles: ["/home/me/.ssh/10.0.0.1_admin_pve01_2222_/home/me_%_%C", "/keys/a b"],
    certificateFiles: [],
    pkcs11Provider: undefined,
    identitiesOnly: true,
    agent: "/home/me/agent.sock",
    userKnownHosts: ["/home/me/kh", "/tmp/with space/kh"],
    globalKnownHosts: ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
    hostKeyAlias: "alias",
    proxyJump: undefined,
    hashKnownHosts: false,
    strictHostKeys: false,
    batchMode: false,
  });
});

Deno.test("readSshConfig() reads the file of PXRUN_SSH_CONFIG instead of the user's own", async () => {
  const file = async (value: string | undefined, given?: string): Promise<unknown> => {
    const at = platform({}, { PXRUN_SSH_CONFIG: value });
    await readSshConfig("pve01", at, { file: given });
    const argvs = at.calls.map((argv) => argv.slice(0, argv.indexOf("--")).join(" "));
    return new Set(argvs);
  };
  assert.deepEqual(await file("none"), new Set(["ssh -G -F none"]));
  assert.deepEqual(await file("/etc/lab"), new Set(["ssh -G -F /etc/lab"]));
  assert.deepEqual(await file("/etc/lab", "/mine"), new Set(["ssh -G -F /mine"]));
  for (const unset of [undefined, ""]) assert.deepEqual(await file(unset), new Set(["ssh -G"]));
});

Deno.test("readSshConfig() knows a host by an entry of its own, not by one for every host", async () => {
  const named = async (hosts: Parameters<typeof platform>[0]): Promise<boolean> =>
    (await readSshConfig("pve01", platform(hosts))).named;
  assert.equal(await named({}), false);
  assert.equal(await named({ "*": { user: "root", identityagent: "none" } }), false);
  assert.equal(await named({ "*": { controlpath: "/run/%C" }, pve01: {} }), false);
  assert.equal(
    (await readSshConfig("PVE01", platform({ PVE01: { hostname: "pve01" } }))).named,
    false,
  );
  assert.equal(await named({ pve01: { user: "root" } }), true);
  assert.equal(await named({ pve01: { hostname: "10.0.0.1" } }), true);
  const perHost = (host: string): Record<string, string> => ({ userknownhostsfile: `/kh/${host}` });
  const tokens = {
    pve01: perHost("pve01"),
    "no-such-host.invalid": perHost("no-such-host.invalid"),
  };
  assert.equal(await named(tokens), false);
});

Deno.test("readSshConfig() takes the local user's name for no user at all", async () => {
  assert.equal((await readSshConfig("pve01", platform({}))).user, undefined);
  // ssh does not go by the environment either.
  assert.equal((await readSshConfig("pve01", platform({}, { USER: "other" }))).user, undefined);
  assert.equal((await readSshConfig("pve01", platform({ "*": { user: "root" } }))).user, "root");
});

Deno.test("readSshConfig() finds the agent", async () => {
  const agent = async (setting: string | undefined): Promise<string | undefined> => {
    const hosts = setting === undefined ? {} : { "*": { identityagent: setting } };
    const env = { SSH_AUTH_SOCK: "/run/agent", OTHER: "/run/other" };
    return (await readSshConfig("pve01", platform(hosts, env))).agent;
  };
  assert.equal(await agent(undefined), "/run/agent");
  assert.equal(await agent("SSH_AUTH_SOCK"), "/run/agent");
  assert.equal(await agent("$OTHER"), "/run/other");
  assert.equal(await agent("/run/own"), "/run/own");
  assert.equal(await agent("none"), undefined);
  assert.equal((await readSshConfig("pve01", platform({}))).agent, undefined);
});

Deno.test("readSshConfig() says what is known already, and never takes a host for an option", async () => {
  const here = platform({});
  await readSshConfig("-oProxyCommand=x", here, { port: 2222, user: "root", file: "/tmp/config" });
  assert.deepEqual(here.calls[0], [
    "ssh",
    ..."-G -F /tmp/config -p 2222 -l root -- -oProxyCommand=x".split(" "),
  ]);
});

Deno.test("readSshConfig() refuses a host behind a command by that command", async () => {
  const command = readSshConfig("pve01", platform({ pve01: { proxycommand: "nc %h %p" } }));
  await assert.rejects(command, { code: "NOT_BUILT", message: /"ProxyCommand nc %h %p"/ });
  const none = { proxyjump: "none", proxycommand: "none" };
  assert.equal((await readSshConfig("pve01", platform({ pve01: none }))).proxyJump, undefined);
});

Deno.test("readSshConfig() reads jump hosts and what is said about unknown host keys", async () => {
  const strict = { stricthostkeychecking: "true", hashknownhosts: "yes", batchmode: "yes" };
  const entry = { ...strict, proxyjump: "me@a:23,gate.%h", userknownhostsfile: "none" };
  const config = await readSshConfig("pve01", platform({ pve01: entry }));
  assert.equal(config.proxyJump, "me@a:23,gate.pve01");
  assert.deepEqual([config.strictHostKeys, config.hashKnownHosts, config.batchMode], [
    true,
    true,
    true,
  ]);
  assert.deepEqual(config.userKnownHosts, []);
});

Deno.test("readSshConfig() does without ssh", async () => {
  const config = await readSshConfig("10.0.0.1", failing(undefined), { port: 2222, user: "root" });
  assert.deepEqual(config, {
    hostname: "10.0.0.1",
    port: 2222,
    user: "root",
    named: false,
    identityFiles: ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => `/home/me/.ssh/${name}`),
    certificateFiles: [],
    pkcs11Provider: undefined,
    identitiesOnly: false,
    agent: undefined,
    userKnownHosts: ["/home/me/.ssh/known_hosts"],
    globalKnownHosts: ["/etc/ssh/ssh_known_hosts"],
    hostKeyAlias: undefined,
    proxyJump: undefined,
    hashKnownHosts: false,
    strictHostKeys: false,
    batchMode: false,
  });
});

Deno.test("readSshConfig() repeats what ssh finds wrong", async () => {
  const stderr = bytes("config: line 1: Bad configuration option: bogus\nconfig: terminating\n");
  const wrong = failing({ code: 255, stdout: bytes(""), stderr });
  await assert.rejects(readSshConfig("pve01", wrong), {
    code: "FAILED",
    message: /pve01: config: line 1: Bad configuration option: bogus; config: terminating$/,
    hint: "`ssh -G -- pve01` shows it",
  });
});
