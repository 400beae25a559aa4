import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import type { Env } from "../core/world.ts";
import type { LoginOverrides } from "./login.ts";
import { readSettings } from "./settings.ts";

const token = { PROXMOX_TOKEN_ID: "a@pve!bb", PROXMOX_TOKEN_SECRET: "s3cret" };
const password = { PROXMOX_USER: "me@pve", PROXMOX_PASSWORD: "pa55" };

function login(env: Env, set: LoginOverrides = {}): string {
  const { login } = readSettings({ PROXMOX_HOST: "pve.example", ...env }, set);
  if (login.kind === "ssh") return "ssh";
  return login.kind === "token"
    ? `${login.id} ${login.secret.reveal()}`
    : `${login.user} ${login.password?.reveal()}`;
}

Deno.test("readLogin() takes a token, else a user with a password, else SSH alone", () => {
  assert.equal(login({ ...token, ...password }), "a@pve!bb s3cret");
  assert.equal(login(password), "me@pve pa55");
  assert.equal(login({ PROXMOX_USER: "me@pve" }), "me@pve undefined");
  assert.equal(login({}), "ssh");
  assert.equal(readSettings({ PXRUN_SSH_NODES: "pve01=10.0.0.1" }).login.kind, "ssh");
});

Deno.test("readLogin() takes a user without a realm for one of the node's system", () => {
  assert.equal(login({ PROXMOX_USER: "root", PROXMOX_PASSWORD: "x" }), "root@pam x");
});

Deno.test("readLogin() lets a script's login win over all of the environment", () => {
  assert.equal(login(token, { user: "root", password: "x" }), "root@pam x");
  assert.equal(login(token, { tokenId: "c@pve!dd" }), "c@pve!dd s3cret");
  assert.equal(login(password, { tokenId: "c@pve!dd", tokenSecret: "y" }), "c@pve!dd y");
});

Deno.test("readLogin() says what is missing or malformed", () => {
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
    assert.throws(() => readSettings(given), (error) => {
      assert.ok(error instanceof PxrunError && error.code === "USAGE");
      assert.ok(!`${error.message} ${error.hint}`.includes("hunter2"), error.message);
      return true;
    });
  }
});

Deno.test("PROXMOX_VERIFY_SSL=false needs --insecure, except where SSH proves the node", () => {
  const off = { PROXMOX_HOST: "pve.example", PROXMOX_VERIFY_SSL: "false" };
  assert.throws(() => readSettings({ ...off, ...token }), /send the token to whoever answers/);
  assert.throws(() => readSettings({ ...off, ...password }), /send the password to whoever/);
  assert.deepEqual(readSettings({ ...off, ...token }, { insecure: true }).trust, { kind: "none" });
  assert.deepEqual(readSettings(off, { insecure: true }).trust, { kind: "system" });
  const on = { ...token, PROXMOX_HOST: "pve.example" };
  assert.deepEqual(readSettings(on, { insecure: true }).trust, { kind: "system" });
});
