import assert from "node:assert/strict";
import { Refused } from "./field.ts";
import { publicKey } from "./ssh_key.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN0S2eMMV/IH/VtHEhBTeWju5h76SAwc2rZX9Tb11YjU";

Deno.test("publicKey() takes a key with the options of an authorized_keys line", () => {
  for (
    const line of [
      KEY,
      `${KEY} me@laptop`,
      `from="10.0.0.0/8" ${KEY} me@laptop`,
      `no-pty,command="echo hello world",from="a,b" ${KEY}`,
      `restrict ${KEY}`,
    ]
  ) assert.equal(publicKey().read(line), line);
});

Deno.test("publicKey() refuses a key that is not whole, whatever is before it", () => {
  for (
    const line of ["ssh-ed25519", "ssh-ed25519 AAAA", 'from="a" ssh-ed25519 AAAA me', "restrict x"]
  ) {
    assert.ok(publicKey().read(line) instanceof Refused, line);
  }
});
