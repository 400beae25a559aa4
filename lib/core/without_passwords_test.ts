import assert from "node:assert/strict";
import { withoutPasswords } from "./without_passwords.ts";

Deno.test("withoutPasswords() puts dots over the password of an address", () => {
  assert.equal(
    withoutPasswords("https://root:hun@ter/2@pve:8006/x"),
    "https://root:••••@pve:8006/x",
  );
  assert.equal(withoutPasswords("root:hunter2@pve"), "root:••••@pve");
  assert.equal(withoutPasswords("pve01=root:hunter2@[fd00::1]:22"), "pve01=root:••••@[fd00::1]:22");
  assert.equal(
    withoutPasswords("https://root@pam:hunter2@pve:8006"),
    "https://root@pam:••••@pve:8006",
  );
  assert.equal(withoutPasswords(" root@pam:hunter2@pve"), " root@pam:••••@pve");
  assert.equal(withoutPasswords("a = root:hunter2@pve"), "a = root:••••@pve");
  assert.equal(withoutPasswords('keys "https://:hunter2@a/b"; so'), 'keys "https://:••••@a/b"; so');
});

Deno.test("withoutPasswords() puts dots over the password of a user", () => {
  assert.equal(withoutPasswords("root:hunter2"), "root:••••");
  assert.equal(withoutPasswords("root@pam:hunter2\n"), "root@pam:••••");
});

Deno.test("withoutPasswords() puts dots over a token's secret behind its id", () => {
  for (const before of ["", "PVEAPIToken="]) {
    assert.equal(withoutPasswords(`${before}a@pve!b=1234-5678`), `${before}a@pve!b=••••`);
    assert.equal(withoutPasswords(`${before}a@pve!b:1234-5678`), `${before}a@pve!b:••••`);
  }
});

Deno.test("withoutPasswords() leaves alone what holds none", () => {
  const texts = [
    "https://pve01:8006/api2",
    "fd00::1",
    "root@10.0.0.1:22",
    "pve01:8006",
    "[fd00::1]:22",
    "local:vztmpl/debian-13.tar.zst",
    "AB:CD:EF",
    "C:\\ca.pem",
    "tag:pxrun",
    "hostname: none",
    "me@pve!laptop",
    "a=root@10.0.0.1:22,b=root@10.0.0.2:22",
    "a=10.0.0.1:22, b=root@[fd00::1]:22",
    "no right of 'me@pve!laptop': it may not",
  ];
  for (const text of texts) {
    assert.equal(withoutPasswords(text), text);
  }
});
