import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import { parseHost, readSettings } from "./settings.ts";

const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
const env = {
  PROXMOX_HOST: "pve.example",
  PROXMOX_TOKEN_ID: "pxrun@pve!laptop",
  PROXMOX_TOKEN_SECRET: "6b1d",
  PROXMOX_FINGERPRINT: fingerprint,
};

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
  const settings = readSettings({ ...env, SSH_USER: "root", PXRUN_SSH_NODES: "a=1.2.3.4" });
  assert.equal(settings.baseUrl, "https://pve.example:8006");
  assert.deepEqual(settings.trust, { kind: "fingerprint", fingerprint });
  assert.deepEqual(settings.ssh, { user: "root", nodes: "a=1.2.3.4" });
  assert.ok(!JSON.stringify(settings).includes("6b1d"));
});

Deno.test("readSettings() lets a caller's value win over the environment", () => {
  assert.equal(readSettings(env, { host: "other" }).baseUrl, "https://other:8006");
});

Deno.test("readSettings() names everything that is wrong at once", () => {
  assert.throws(
    () => readSettings({ PROXMOX_VERIFY_SSL: "false", PROXMOX_FINGERPRINT: "AB:CD" }),
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
      () => readSettings(wrong),
      (error: unknown) => /_USER/.test(String(error)) && !/hunter2/.test(String(error)),
    );
  }
});

Deno.test("readSettings() says where a fingerprint comes from when nothing else is wrong", () => {
  for (const wrong of [{ PROXMOX_VERIFY_SSL: "false" }, { PROXMOX_FINGERPRINT: "AB:CD" }]) {
    const hint = /^`pvenode cert info` on the node shows the fingerprint$/;
    assert.throws(() => readSettings({ ...env, ...wrong }), { code: "USAGE", hint });
  }
  assert.throws(() => readSettings({}), { code: "USAGE", remedies: [{ kind: "first-use" }] });
});

Deno.test("readSettings() takes a fingerprint with blanks around it", () => {
  const padded = { ...env, PROXMOX_FINGERPRINT: ` ${env.PROXMOX_FINGERPRINT}\n` };
  assert.deepEqual(readSettings(padded).trust, readSettings(env).trust);
});

Deno.test("readSettings() falls back to a CA file, then to the system's trust", () => {
  const { PROXMOX_FINGERPRINT: _, ...rest } = env;
  assert.deepEqual(readSettings({ ...rest, PROXMOX_CA_FILE: "/ca.pem" }).trust, {
    kind: "ca",
    caFile: "/ca.pem",
  });
  assert.deepEqual(readSettings(rest).trust, { kind: "system" });
});
