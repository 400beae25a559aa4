import assert from "node:assert/strict";
import { withoutPasswords } from "./without_passwords.ts";

Deno.test("withoutPasswords() puts dots over the password of an address", () => {
  assert.equal(
    withoutPasswords("https://root:hun@ter/2@pve:8006/x"),
    "https://root:••••@pve:8006/x",
  );
  assert.equal(withoutPasswords("root:hunter2@pve"), "root:••••@pve");
  assert.equal(withoutPasswords("pve01=root:hunter2@[fd00::1]:22"), "pve01=root:••••@[fd00::1]:22");
  assert.equal(withoutPasswords('keys "https://:hunter2@a/b"; so'), 'keys "https://:••••@a/b"; so');
});

Deno.test("withoutPasswords() puts dots over a token's secret behind its id", () => {
  for (const before of ["", "PVEAPIToken="]) {
    assert.equal(withoutPasswords(`${before}a@pve!b=1234-5678`), `${before}a@pve!b=••••`);
  }
});

Deno.test("withoutPasswords() leaves alone what holds none", () => {
  for (const text of ["https://pve01:8006/api2", "fd00::1", "root@10.0.0.1:22", "me@pve!laptop"]) {
    assert.equal(withoutPasswords(text), text);
  }
});
