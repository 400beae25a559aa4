import assert from "node:assert/strict";
import { selfSigned } from "../../../tests/support/certificate.ts";
import { tlsServer } from "../../../tests/support/tls_server.ts";
import { plainServer, until } from "../../../tests/support/transport.ts";
import { addressesOf, knock, seeCertificate } from "./probe.ts";

const { signal } = new AbortController();

Deno.test("addressesOf() gives an address once, and ends with its signal", async () => {
  assert.ok((await addressesOf("localhost", 8006, signal)).includes("127.0.0.1"));
  const reason = new Error("stop");
  await assert.rejects(addressesOf("localhost", 8006, AbortSignal.abort(reason)), reason);
});

Deno.test("knock() connects and hangs up", async () => {
  let connections = 0;
  await using server = await plainServer(() => connections++);
  const place = { host: "127.0.0.1", port: server.port };
  await knock(place, signal);
  await until(() => connections === 1 && server.open.size === 0);
  const reason = new Error("stop");
  await assert.rejects(knock(place, AbortSignal.abort(reason)), reason);
});

Deno.test("seeCertificate() reads the certificate and sends no byte of a request", async () => {
  const notAfter = new Date("2030-01-02T03:04:05Z");
  const certificate = await selfSigned({ notAfter });
  await using server = await tlsServer(certificate, () => {});
  const endpoint = { host: "127.0.0.1", port: server.port, connectTimeout: 10_000 };
  const { fingerprint } = certificate;
  assert.deepEqual(await seeCertificate(endpoint, { fingerprint }, signal), {
    fingerprint,
    validTo: notAfter.getTime(),
  });
  await until(() => server.open.size === 0);
  assert.equal(server.bytes, 0);
  await assert.rejects(seeCertificate(endpoint, { system: true }, signal), { code: "UNTRUSTED" });
});
