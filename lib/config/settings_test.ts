import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import type { Env } from "../core/platform.ts";
import { parseHost } from "./forms.ts";
import { resolveSettings, type SettingsOverrides } from "./resolve.ts";
import { readSettings } from "./settings.ts";

const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
const env = {
  PROXMOX_HOST: "pve.example",
  PROXMOX_TOKEN_ID: "pxrun@pve!laptop",
  PROXMOX_TOKEN_SECRET: "6b1d",
  PROXMOX_FINGERPRINT: fingerprint,
};

function read(env: Env, set: SettingsOverrides = {}): ReturnType<typeof readSettings> {
  return readSettings(resolveSettings(set, env, undefined), set);
}

Deno.test("parseHost() takes what people type", () => {
  assert.equal(parseHost("pve.example"), "https://pve.example:8006");
  assert.equal(parseHost("10.0.0.1:9006"), "https://10.0.0.1:9006");
  assert.equal(parseHost("https://proxy.example/pve/"), "https://proxy.example/pve");
  assert.equal(parseHost("https://pve.example:8006/api2/json"), "https://pve.example:8006");
  assert.equal(parseHost("pve.example:443"), "https://pve.example");
  assert.equal(parseHost("fe80::1"), "https://[fe80::1]:8006");
  assert.equal(parseHost("[fe80::1]:443/x"), "https://[fe80::1]/x");
});

Deno.test("parseHost() refuses plain HTTP, credentials in the URL and nonsense", () => {
  for (const text of ["", "http://pve", "https://u:p@pve", "a b", "https://pve?x=1"]) {
    assert.equal(parseHost(text), undefined, text);
  }
});

Deno.test("readSettings() reads the environment and keeps the secret secret", () => {
  const settings = read({ ...env, SSH_USER: "root", PXRUN_SSH_NODES: "a=1.2.3.4" });
  assert.equal(settings.baseUrl, "https://pve.example:8006");
  assert.deepEqual(settings.trust, { kind: "fingerprint", fingerprint });
  assert.deepEqual(settings.ssh, {
    user: "root",
    nodes: "a=1.2.3.4",
    nodesFrom: "PXRUN_SSH_NODES",
  });
  assert.ok(!JSON.stringify(settings).includes("6b1d"));
});

Deno.test("readSettings() lets a caller's value win over the environment", () => {
  assert.equal(read(env, { host: "other" }).baseUrl, "https://other:8006");
});

Deno.test("readSettings() names everything that is wrong at once", () => {
  assert.throws(
    () => read({ PROXMOX_VERIFY_SSL: "false", PROXMOX_FINGERPRINT: "AB:CD" }),
    (error: unknown) => {
      assert.ok(error instanceof PxrunError);
      assert.equal(error.code, "USAGE");
      for (
        const name of ["HOST", "TOKEN_ID", "TOKEN_SECRET", "VERIFY_SSL", "FINGERPRINT is not"]
      ) {
        assert.ok(error.message.includes(`PROXMOX_${name}`), name);
      }
      return true;
    },
  );
});

Deno.test("readSettings() repeats no password that stands behind a user", () => {
  const user = { PROXMOX_HOST: "pve", PROXMOX_USER: "root@pam:hunter2" };
  for (const wrong of [user, { ...env, SSH_USER: "root:hunter2" }]) {
    assert.throws(
      () => read(wrong),
      (error: unknown) => /_USER/.test(String(error)) && !/hunter2/.test(String(error)),
    );
  }
});

Deno.test("readSettings() says where a fingerprint comes from when nothing else is wrong", () => {
  for (const wrong of [{ PROXMOX_VERIFY_SSL: "false" }, { PROXMOX_FINGERPRINT: "AB:CD" }]) {
    const hint = /^`pvenode cert info` on the node shows the fingerprint$/;
    assert.throws(() => read({ ...env, ...wrong }), { code: "USAGE", hint });
  }
  assert.throws(() => read({}), { code: "USAGE", remedies: [{ kind: "first-use" }] });
});

Deno.test("readSettings() takes a fingerprint with blanks around it", () => {
  const padded = { ...env, PROXMOX_FINGERPRINT: ` ${env.PROXMOX_FINGERPRINT}\n` };
  assert.deepEqual(read(padded).trust, read(env).trust);
});

Deno.test("readSettings() falls back to a CA file, then to the system's trust", () => {
  const { PROXMOX_FINGERPRINT: _, ...rest } = env;
  assert.deepEqual(read({ ...rest, PROXMOX_CA_FILE: "/ca.pem" }).trust, {
    kind: "ca",
    caFile: "/ca.pem",
  });
  assert.deepEqual(read(rest).trust, { kind: "system" });
});

const token = { PROXMOX_TOKEN_ID: "a@pve!bb", PROXMOX_TOKEN_SECRET: "s3cret" };
const password = { PROXMOX_USER: "me@pve", PROXMOX_PASSWORD: "pa55" };

function login(env: Env, set: SettingsOverrides = {}): string {
  const { login } = read({ PROXMOX_HOST: "pve.example", ...env }, set);
  if (login.kind === "ssh") return "ssh";
  return login.kind === "token"
    ? `${login.id} ${login.secret.reveal()}`
    : `${login.user} ${login.password?.reveal()}`;
}

Deno.test("readSettings() takes a token, else a user with a password, else SSH alone", () => {
  assert.equal(login({ ...token, ...password }), "a@pve!bb s3cret");
  assert.equal(login(password), "me@pve pa55");
  assert.equal(login({ PROXMOX_USER: "me@pve" }), "me@pve undefined");
  assert.equal(login({}), "ssh");
  assert.equal(read({ PXRUN_SSH_NODES: "pve01=10.0.0.1" }).login.kind, "ssh");
});

Deno.test("readSettings() takes a user without a realm for one of the node's system", () => {
  assert.equal(login({ PROXMOX_USER: "root", PROXMOX_PASSWORD: "x" }), "root@pam x");
});

Deno.test("readSettings() lets a script's login win over all of the environment", () => {
  assert.equal(login(token, { user: "root", password: "x" }), "root@pam x");
  // A secret goes only with the name that it belongs to.
  assert.throws(() => login(token, { tokenId: "c@pve!dd" }), /PROXMOX_TOKEN_SECRET is not set/);
  assert.equal(login(password, { tokenId: "c@pve!dd", tokenSecret: "y" }), "c@pve!dd y");
});

Deno.test("readSettings() says what is missing or malformed", () => {
  const cases: readonly [Env, RegExp][] = [
    [{ PROXMOX_TOKEN_ID: "a@pve!bb" }, /PROXMOX_TOKEN_SECRET is not set/],
    [{ PROXMOX_TOKEN_SECRET: "x" }, /PROXMOX_TOKEN_ID is not set/],
    [{ PROXMOX_PASSWORD: "x" }, /PROXMOX_USER is not set/],
    [{ PROXMOX_USER: "a b@pve" }, /PROXMOX_USER is not/],
    // A secret is easily typed along with what it belongs to.
    [{ PROXMOX_TOKEN_ID: "a@pve!bb=1-2-3" }, /PROXMOX_TOKEN_ID is not/],
    [{ PROXMOX_USER: "me:pa55" }, /PROXMOX_USER is not/],
    [{ ...token, PROXMOX_HOST: "https://me:pa55@x" }, /PROXMOX_HOST is not a host/],
  ];
  for (const [env, says] of cases) {
    assert.throws(() => login(env), (error) => {
      assert.ok(error instanceof PxrunError && error.code === "USAGE");
      assert.match(error.message, says);
      return true;
    });
  }
});

Deno.test("readSettings() repeats no value that it refuses", () => {
  const wrong: readonly Env[] = [
    { PROXMOX_HOST: "https://me:hunter2 x@pve" },
    { PROXMOX_HOST: "https://pve.example/?password=hunter2" },
    { PROXMOX_HOST: "pve hunter2" },
    { PROXMOX_TOKEN_ID: "a@pve!bb hunter2" },
    { PROXMOX_TOKEN_ID: "a@pve!bb|hunter2" },
    { PROXMOX_TOKEN_ID: "hunter2" },
    { PROXMOX_FINGERPRINT: "hunter2" },
    { SSH_USER: "root:hunter2" },
    { PROXMOX_TOKEN_ID: undefined, PROXMOX_TOKEN_SECRET: undefined, PROXMOX_USER: "a b hunter2" },
  ];
  for (const env of wrong) {
    const given = { PROXMOX_HOST: "pve", ...token, ...env };
    assert.throws(() => read(given), (error) => {
      assert.ok(error instanceof PxrunError && error.code === "USAGE");
      assert.ok(!`${error.message} ${error.hint}`.includes("hunter2"), error.message);
      return true;
    });
  }
});

Deno.test("PROXMOX_VERIFY_SSL=false needs --insecure, except where SSH proves the node", () => {
  const off = { PROXMOX_HOST: "pve.example", PROXMOX_VERIFY_SSL: "false" };
  assert.throws(() => read({ ...off, ...token }), /send the token to any server/);
  assert.throws(() => read({ ...off, ...password }), /send the password to any server/);
  assert.deepEqual(read({ ...off, ...token }, { insecure: true }).trust, { kind: "none" });
  assert.deepEqual(read(off, { insecure: true }).trust, { kind: "system" });
  const on = { ...token, PROXMOX_HOST: "pve.example" };
  assert.deepEqual(read(on, { insecure: true }).trust, { kind: "system" });
});
