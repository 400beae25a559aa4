import assert from "node:assert/strict";
import { Secret } from "../core/secret.ts";
import { contextChanges, keptFor, sshFromEnv } from "./context_values.ts";

Deno.test("contextChanges() names only what differs, by full path", () => {
  const existing = { host: "a", token_secret: new Secret("s"), ssh: { user: "root" }, pool: "dev" };
  assert.deepEqual(contextChanges("home", existing, existing), []);
  const secret = new Secret("t");
  const changes = contextChanges("home", {
    host: "b",
    token_secret: secret,
    ssh: { user: "root", nodes: { pve01: "10.0.0.1" } },
  }, existing);
  assert.deepEqual(changes, [
    { path: ["contexts", "home", "host"], value: "b" },
    { path: ["contexts", "home", "token_secret"], value: secret },
    { path: ["contexts", "home", "ssh", "nodes", "pve01"], value: "10.0.0.1" },
    { path: ["contexts", "home", "pool"], value: undefined },
  ]);
});

Deno.test("contextChanges() takes out what was there when the values were chosen, and no more", () => {
  const known = { ssh: { user: "root", nodes: { a: "x", b: "y" } }, port: "1", pool: "dev" };
  const existing = { ssh: known.ssh, port: "1", defaults: { node: "a" } };
  const gone = (wanted: Parameters<typeof contextChanges>[1]): unknown[] =>
    contextChanges("home", wanted, existing, known).map(({ path, value }) => [
      path.slice(2).join("."),
      value,
    ]);
  assert.deepEqual(gone({ ssh: { user: "root", nodes: { b: "y" } }, port: "1" }), [
    ["ssh.nodes.a", undefined],
  ]);
  assert.deepEqual(gone({ ssh: { user: "root" } }), [
    ["ssh.nodes", undefined],
    ["port", undefined],
  ]);
});

Deno.test("keptFor() drops what was true of another host only", () => {
  const existing = {
    host: "pve01",
    port: "8007",
    fingerprint: "AB",
    ca_file: "ca.pem",
    pool: "dev",
    ssh: { user: "root", nodes: { pve01: "10.0.0.1" } },
  };
  assert.equal(keptFor("https://pve01:8006", existing), existing);
  assert.deepEqual(keptFor("pve02", existing), {
    host: "pve01",
    pool: "dev",
    ssh: { user: "root" },
  });
});

Deno.test("sshFromEnv() keeps what the environment says about SSH", () => {
  assert.deepEqual(sshFromEnv({ env: {}, cwd: "/" }), {});
  assert.deepEqual(
    sshFromEnv({
      cwd: "/here",
      env: {
        SSH_KEY_PATH: "~/.ssh/k",
        PXRUN_KNOWN_HOSTS: "hosts",
        PXRUN_SSH_NODES: "a=root@10.0.0.1:22,b=[fd00::2]:2222,c=x",
      },
    }),
    {
      key: "~/.ssh/k",
      known_hosts: "/here/hosts",
      nodes: { a: "root@10.0.0.1:22", b: "[fd00::2]:2222", c: "x" },
    },
  );
});
