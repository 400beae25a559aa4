import assert from "node:assert/strict";
import { fingerprint, keyText, keyType, readStrings } from "./wire.ts";

const encoded = "AAAAC3NzaC1lZDI1NTE5AAAAICCE5Dir7M2yGdESBlAXfO0lRI1TXpqXodq+Bje9xZOF";
const key = Uint8Array.fromBase64(encoded);

Deno.test("readStrings() gives the strings, or nothing when one is cut off", () => {
  assert.equal(readStrings(key, 2)?.[1]?.length, 32);
  assert.equal(readStrings(key, 3), undefined);
  assert.equal(readStrings(key.subarray(0, 40), 2), undefined);
});

Deno.test("fingerprint() and keyText() write a key as ssh-keygen does", () => {
  assert.equal(fingerprint(key), "SHA256:drGYRCCQFo/BLAmvTSVCmfypakXbArrboVOKDpZNT4c");
  assert.equal(keyText(key), `ssh-ed25519 ${encoded}`);
});

Deno.test("keyType() of bytes that are no key is unknown", () => {
  assert.equal(keyType(new Uint8Array([0, 0, 1])), "unknown");
});
