import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { repairEcdsaPem } from "./ecdsa.ts";

const type = "ecdsa-sha2-nistp256";

/** The SEC1 key with another encoding of its private number. */
function withNumber(der: Uint8Array, number: Uint8Array): string {
  const rest = der.subarray(7 + 32);
  const body = [2, 1, 1, 4, number.length, ...number, ...rest];
  return `-----BEGIN EC PRIVATE KEY-----\n${
    new Uint8Array([0x30, body.length, ...body]).toBase64()
  }\n-----END EC PRIVATE KEY-----`;
}

Deno.test("repairEcdsaPem() takes away the zero that is too many and adds the one that misses", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = new Uint8Array(privateKey.export({ type: "sec1", format: "der" }));
  const number = der.subarray(7, 7 + 32);
  const right = repairEcdsaPem(type, withNumber(der, number)) ?? "";
  assert.equal(
    createPublicKey(createPrivateKey(right)).export({ type: "spki", format: "pem" }),
    createPublicKey(privateKey).export({ type: "spki", format: "pem" }),
  );
  assert.equal(repairEcdsaPem(type, withNumber(der, new Uint8Array([0, ...number]))), right);
  const short = new Uint8Array([0, ...number.subarray(1)]);
  assert.equal(
    repairEcdsaPem(type, withNumber(der, number.subarray(1))),
    repairEcdsaPem(type, withNumber(der, short)),
  );
});

Deno.test("repairEcdsaPem() writes a long key's length in two bytes", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const pem = privateKey.export({ type: "sec1", format: "pem" });
  const repaired = createPrivateKey(repairEcdsaPem("ecdsa-sha2-nistp384", `${pem}`) ?? "");
  assert.equal(repaired.export({ type: "sec1", format: "pem" }), pem);
});

Deno.test("repairEcdsaPem() gives nothing for a curve that cannot sign here", () => {
  assert.equal(repairEcdsaPem("ecdsa-sha2-nistp521", ""), undefined);
});
