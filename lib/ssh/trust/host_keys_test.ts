import assert from "node:assert/strict";
import { knownHostKeys, UntrustedHostKey } from "./host_keys.ts";
import { parseKnownHosts } from "./known_hosts.ts";
import { fingerprint, keyText } from "./wire.ts";

const encoded = "AAAAC3NzaC1lZDI1NTE5AAAAICCE5Dir7M2yGdESBlAXfO0lRI1TXpqXodq+Bje9xZOF";
const key = Uint8Array.fromBase64(encoded);
const other = Uint8Array.from(key, (byte, index) => index === key.length - 1 ? byte + 1 : byte);
const name = { host: "10.0.0.1", port: 2222 };

function refusal(text: string): UntrustedHostKey | undefined {
  return knownHostKeys(parseKnownHosts(text, "/home/a b/kh"), name, "~/.ssh/known_hosts").refusal(
    key,
  );
}

Deno.test("knownHostKeys() accepts the host's own key", () => {
  assert.equal(refusal(`[10.0.0.1]:2222 ${keyText(key)}`), undefined);
});

Deno.test("knownHostKeys() refuses an unknown key and says which line to add", () => {
  const error = refusal("");
  assert.ok(error instanceof UntrustedHostKey);
  assert.equal(error.code, "UNTRUSTED");
  assert.equal(error.firstUse, true);
  assert.equal(error.key.line, `[10.0.0.1]:2222 ssh-ed25519 ${encoded}`);
  assert.equal(error.key.fingerprint, fingerprint(key));
  assert.match(error.message, /host key of \[10\.0\.0\.1\]:2222 is not known.*SHA256:drGYRCC/);
  assert.match(error.hint ?? "", /ssh_host_ed25519_key\.pub/);
  assert.ok(error.hint?.endsWith(`add this line to ~/.ssh/known_hosts:\n  ${error.key.line}`));
});

Deno.test("knownHostKeys() refuses a changed key and says where the old one stands", () => {
  const error = refusal(`# old\n[10.0.0.1]:2222 ${keyText(other)}`);
  assert.ok(error instanceof UntrustedHostKey);
  assert.equal(error.firstUse, false);
  assert.match(error.message, /has changed/);
  const hint = error.hint ?? "";
  assert.match(hint, /^\/home\/a b\/kh:2 holds the ssh-ed25519 key SHA256:/);
  assert.ok(hint.includes(fingerprint(other)) && hint.includes(fingerprint(key)));
  assert.ok(hint.includes("ssh-keygen -R '[10.0.0.1]:2222' -f '/home/a b/kh'"));
  assert.ok(hint.includes(error.key.line));
});

Deno.test("knownHostKeys() refuses a revoked key and says who revoked it", () => {
  const error = refusal(`@revoked * ${keyText(key)}`);
  assert.match(error?.message ?? "", /is revoked/);
  assert.match(error?.hint ?? "", /kh:1 revokes it/);
  assert.equal(error?.firstUse, false);
});

Deno.test("knownHostKeys() says that it does not check certificate authorities", () => {
  const error = refusal(`@cert-authority * ${keyText(other)}`);
  assert.match(error?.message ?? "", /is not known/);
  assert.match(
    error?.hint ?? "",
    /kh:1 trusts a certificate authority, which pxrun does not check/,
  );
});

Deno.test("knownHostKeys() asks first for the types that the host is known by", () => {
  const rsa = new Uint8Array([0, 0, 0, 7, ...new TextEncoder().encode("ssh-rsa")]);
  const dss = new Uint8Array([0, 0, 0, 7, ...new TextEncoder().encode("ssh-dss")]);
  const text = [dss, rsa].map((one) => `10.0.0.1 ${keyText(one)}`).join("\n");
  const { types } = knownHostKeys(
    parseKnownHosts(text, "kh"),
    { host: "10.0.0.1", port: 22 },
    "kh",
  );
  assert.deepEqual(types.slice(0, 2), ["ssh-rsa", "ssh-ed25519"]);
  assert.equal(types.length, 5);
});
