import assert from "node:assert/strict";
import { withoutSecrets } from "./secret_words.ts";

Deno.test("withoutSecrets() puts dots over the password of an address", () => {
  assert.equal(
    withoutSecrets("https://root:hun@ter/2@pve:8006/x"),
    "https://root:••••@pve:8006/x",
  );
  assert.equal(withoutSecrets("root:hunter2@pve"), "root:••••@pve");
  assert.equal(withoutSecrets("pve01=root:hunter2@[fd00::1]:22"), "pve01=root:••••@[fd00::1]:22");
  assert.equal(
    withoutSecrets("https://root@pam:hunter2@pve:8006"),
    "https://root@pam:••••@pve:8006",
  );
  assert.equal(withoutSecrets(" root@pam:hunter2@pve"), " root@pam:••••@pve");
  assert.equal(withoutSecrets("a = root:hunter2@pve"), "a = root:••••@pve");
  assert.equal(withoutSecrets('keys "https://:hunter2@a/b"; so'), 'keys "https://:••••@a/b"; so');
});

Deno.test("withoutSecrets() puts dots over the password of a user", () => {
  assert.equal(withoutSecrets("root:hunter2"), "root:••••");
  assert.equal(withoutSecrets("root@pam:hunter2\n"), "root@pam:••••");
});

Deno.test("withoutSecrets() puts dots over a token's secret behind its id", () => {
  for (const before of ["", "PVEAPIToken="]) {
    assert.equal(withoutSecrets(`${before}a@pve!b=1234-5678`), `${before}a@pve!b=••••`);
    assert.equal(withoutSecrets(`${before}a@pve!b:1234-5678`), `${before}a@pve!b:••••`);
  }
});

Deno.test("withoutSecrets() leaves alone what holds none", () => {
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
    assert.equal(withoutSecrets(text), text);
  }
});
