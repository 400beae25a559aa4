import assert from "node:assert/strict";
import { authority } from "../../tests/support/certificate.ts";
import { readTrust } from "./direct_transport.ts";

/** Trust by a CA file with this text. */
function trustBy(text: string | undefined): ReturnType<typeof readTrust> {
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
  const files = {
    read: () => Promise.resolve(bytes),
    write: () => Promise.resolve(),
    appendLine: () => Promise.resolve(),
  };
  return readTrust({ files }, { trust: { kind: "ca", caFile: "/ca.pem" } });
}

const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

Deno.test("readTrust() takes every certificate of a CA file, whatever else is in it", async () => {
  const [one, two] = [(await authority()).cert.trim(), (await authority()).cert.trim()];
  const trust = await trustBy(`Our CA:\n${one}\n${broken}\r\n${two}\n`);
  assert.deepEqual(trust, { ca: `${one}\n${two}` });
});

Deno.test("readTrust() refuses a CA file that is not there or holds no certificate", async () => {
  await assert.rejects(trustBy(undefined), { code: "USAGE", message: /no CA file \/ca\.pem/ });
  for (
    const text of ["", "hello", broken, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"]
  ) {
    const message = /the CA file \/ca\.pem holds no certificate/;
    await assert.rejects(trustBy(text), { code: "USAGE", message }, text);
  }
});
