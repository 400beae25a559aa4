import assert from "node:assert/strict";
import { Secret } from "../core/secret.ts";
import type { Env } from "../core/platform.ts";
import { nameOf, type OpenContext, recipeDefaults, resolveSettings } from "./resolve.ts";
import type { ContextConfig } from "./types.ts";

const open = (values: ContextConfig): OpenContext => ({ file: "/c.yaml", name: "home", values });
const home = open({
  host: "pve.example",
  token_id: "a@pve!b",
  token_secret: new Secret("file-secret"),
  fingerprint: "AB",
  ssh: { user: "admin", nodes: { pve01: "10.0.0.1", pve02: "root@10.0.0.2:22" } },
});

function found(...args: Parameters<typeof resolveSettings>): Record<string, string> {
  return Object.fromEntries(
    resolveSettings(...args).map(({ name, source, value }) => [name, `${source} ${value}`]),
  );
}

Deno.test("resolveSettings() takes a flag before the environment before the file", () => {
  const env = { PROXMOX_HOST: "from-env", SSH_USER: "env-user", PROXMOX_TOKEN_ID: "" };
  assert.deepEqual(found({ host: "from-flag" }, env, home), {
    host: "flag from-flag",
    token_id: "file a@pve!b",
    token_secret: "file ••••",
    fingerprint: "file AB",
    "ssh.user": "environment env-user",
    "ssh.nodes": "file pve01=10.0.0.1,pve02=root@10.0.0.2:22",
    "tailscale.tailnet": "default -",
    "tailscale.tags": "default tag:container",
  });
});

Deno.test("resolveSettings() says exactly where a value came from", () => {
  const settings = resolveSettings({}, { SSH_USER: "x" }, home);
  const from = Object.fromEntries(settings.map((setting) => [setting.name, setting.from]));
  assert.equal(from["host"], "contexts.home.host in /c.yaml");
  assert.equal(from["ssh.user"], "SSH_USER");
});

Deno.test("resolveSettings() lets what excludes a value of the file hide it", () => {
  const trust = found({}, { PROXMOX_CA_FILE: "/ca" }, home);
  assert.deepEqual([trust["ca_file"], trust["fingerprint"]], ["environment /ca", undefined]);
  const login = found({}, { PROXMOX_USER: "me@pam", PROXMOX_PASSWORD: "x" }, home);
  assert.deepEqual([login["token_id"], login["token_secret"]], [undefined, undefined]);
});

Deno.test("resolveSettings() never puts one's secret to another's name", () => {
  const secrets = (env: Env) => {
    const { token_id, token_secret, user } = found({}, env, home);
    return { token_id, token_secret, user };
  };
  const file = secrets({});
  assert.equal(file.token_secret, "file ••••");
  const other = secrets({ PROXMOX_TOKEN_ID: "other@pve!token" });
  assert.deepEqual([other.token_id, other.token_secret], [
    "environment other@pve!token",
    undefined,
  ]);
  const same = String(file.token_id).replace("file ", "");
  assert.equal(secrets({ PROXMOX_TOKEN_ID: same }).token_secret, "file ••••");
  // A password without a user says nothing of whose it is.
  assert.deepEqual(secrets({ PROXMOX_PASSWORD: "x" }), file);
});

Deno.test("resolveSettings() puts the file's port to the file's host", () => {
  for (
    const [host, expected] of [
      ["pve.example", "pve.example:9006"],
      ["pve.example:443", "pve.example:443"],
      ["fd00::1", "[fd00::1]:9006"],
      ["[fd00::1]", "[fd00::1]:9006"],
      ["https://proxy.example/pve", "https://proxy.example:9006/pve"],
    ] as const
  ) {
    assert.equal(found({}, {}, open({ host, port: "9006" }))["host"], `file ${expected}`);
  }
  assert.equal(found({}, {}, open({ host: "pve.example" }))["host"], "file pve.example");
  assert.equal(found({}, {}, open({ port: "9006" }))["host"], undefined);
});

Deno.test("nameOf() names the place in the file of what the file gives, else the variable", () => {
  assert.match(nameOf("host", resolveSettings({}, {}, home)), /^contexts\.home\.host in \/\S+$/);
  const fromEnv = resolveSettings({}, { PROXMOX_HOST: "x" }, home);
  assert.equal(nameOf("host", fromEnv), "PROXMOX_HOST");
  assert.equal(nameOf("user", fromEnv), "PROXMOX_USER");
});

Deno.test("recipeDefaults() names the recipe's paths and where the values came from", () => {
  const context = open({ pool: "dev", defaults: { bridge: "vmbr1", ssh_key: "/a.pub" } });
  assert.deepEqual(recipeDefaults(context), [
    { path: "container.pool", value: "dev", source: "contexts.home.pool in /c.yaml" },
    {
      path: "container.network[0].bridge",
      value: "vmbr1",
      source: "contexts.home.defaults.bridge in /c.yaml",
    },
    {
      path: "provisioning.ssh_keys[+]",
      value: "/a.pub",
      source: "contexts.home.defaults.ssh_key in /c.yaml",
    },
  ]);
  assert.deepEqual(recipeDefaults(undefined), []);
});
