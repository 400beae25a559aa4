import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import { contextChanges, sshFromEnv } from "./context_values.ts";

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
  ]);
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
