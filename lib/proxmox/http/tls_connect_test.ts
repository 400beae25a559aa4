import assert from "node:assert/strict";
import { type Authority, authority, selfSigned } from "../../../tests/support/certificate.ts";
import { httpReply, tlsServer } from "../../../tests/support/tls_server.ts";
import { plainServer, rejection, until, withTransport } from "../../../tests/support/transport.ts";
import { PxrunError } from "../../core/errors.ts";
import { Unreachable, Untrusted } from "./errors.ts";
import { tlsTransport } from "./tls.ts";
import type { ByteRequest } from "./transport.ts";

const GET: ByteRequest = { method: "GET", path: "/api2/json/version", headers: {} };
const OK = httpReply(200, "OK", { data: 1 });
const node = await selfSigned();
const stranger = await selfSigned();

Deno.test("tlsTransport() takes a pinned fingerprint in any spelling", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  const spellings = [
    node.fingerprint,
    node.fingerprint.toLowerCase(),
    node.fingerprint.replaceAll(":", ""),
    ` ${node.fingerprint.replaceAll(":", " ").toLowerCase()}\n`,
  ];
  for (const fingerprint of spellings) {
    await withTransport({ baseUrl: server.url, trust: { fingerprint } }, async (transport) => {
      assert.equal((await transport.request(GET)).status, 200);
    });
  }
});

Deno.test("tlsTransport() sends no byte to a node with another fingerprint and names both", async () => {
  await using server = await tlsServer(stranger, (_request, socket) => socket.write(OK));
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    const errors = await Promise.all([1, 2, 3].map(() => rejection(transport.request(GET))));
    for (const error of errors) {
      assert.ok(error instanceof Untrusted);
      assert.equal(error.code, "UNTRUSTED");
      assert.ok(error.message.includes(node.fingerprint), error.message);
      assert.ok(error.message.includes(stranger.fingerprint), error.message);
      assert.ok(error.message.includes(`127.0.0.1:${server.port}`), error.message);
      assert.match(error.hint ?? "", /pvenode cert info/);
    }
    await until(() => server.connections === 3 && server.open.size === 0);
  });
  assert.equal(server.bytes, 0);
});

Deno.test("tlsTransport() refuses a fingerprint or a URL that cannot be one", () => {
  const cases: [string, string][] = [
    ["https://pve:8006", "AA:BB"],
    ["https://pve:8006", `${node.fingerprint}:00`],
    ["https://pve:8006", ""],
    ["http://pve:8006", node.fingerprint],
    ["pve:8006", node.fingerprint],
  ];
  for (const [baseUrl, fingerprint] of cases) {
    assert.throws(
      () => tlsTransport({ baseUrl, trust: { fingerprint } }),
      (error) => error instanceof PxrunError && error.code === "USAGE" && error.hint !== undefined,
    );
  }
});

Deno.test("tlsTransport() trusts what the given CA issued for this host", async () => {
  const ca = await authority();
  await using server = await tlsServer(await ca.issue(), (_request, socket) => socket.write(OK));
  for (const host of ["127.0.0.1", "localhost"]) {
    const baseUrl = server.url.replace("127.0.0.1", host);
    await withTransport({ baseUrl, trust: { ca: ca.cert } }, async (transport) => {
      assert.equal((await transport.request(GET)).status, 200);
      // A proxy chooses by this name; an address must not stand there.
      const names = [...server.open].map((socket) => Reflect.get(socket, "servername"));
      assert.equal(names[0] || "127.0.0.1", host);
    });
    await until(() => server.open.size === 0);
  }
});

Deno.test("tlsTransport() sends no byte to a node that the CA does not vouch for", async () => {
  const ca = await authority();
  const another: Authority = await authority();
  const refused = {
    "another CA": await another.issue(),
    "another host": await ca.issue({ hosts: ["other.example", "127.0.0.2"] }),
    "an ended certificate": await ca.issue({ notAfter: new Date(Date.now() - 60_000) }),
    "no CA at all": node,
  };
  for (const [what, certificate] of Object.entries(refused)) {
    await using server = await tlsServer(certificate, (_request, socket) => socket.write(OK));
    await withTransport({ baseUrl: server.url, trust: { ca: ca.cert } }, async (transport) => {
      const error = await rejection(transport.request(GET));
      assert.ok(error instanceof Untrusted, `${what}: ${error}`);
      assert.ok(error.hint?.includes(`PROXMOX_FINGERPRINT=${certificate.fingerprint}`), what);
      await until(() => server.open.size === 0);
    });
    assert.equal(server.bytes, 0, what);
  }
});

Deno.test("tlsTransport() does not trust a self-signed certificate by the system's CAs", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  await withTransport({ baseUrl: server.url, trust: { system: true } }, async (transport) => {
    assert.ok(await rejection(transport.request(GET)) instanceof Untrusted);
  });
  assert.equal(server.bytes, 0);
});

Deno.test("tlsTransport() names host and port when nothing listens or the name is unknown", async () => {
  const cases: [string, RegExp, boolean][] = [
    ["127.0.0.1:1", /connection refused/, true],
    ["nosuch.invalid:8006", /host name is unknown/, false],
  ];
  for (const [place, words, transient] of cases) {
    await withTransport({ baseUrl: `https://${place}`, trust: node }, async (transport) => {
      const error = await rejection(transport.request(GET));
      assert.ok(error instanceof Unreachable);
      assert.equal(error.code, "UNREACHABLE");
      assert.ok(error.message.includes(place), error.message);
      assert.match(error.message, words);
      assert.equal(error.transient, transient);
      assert.equal(error.sent, false);
    });
  }
});

Deno.test("tlsTransport() says that no TLS is spoken on a plain port", async () => {
  await using plain = await plainServer((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 301 Moved Permanently\r\n\r\n"))
  );
  const options = { baseUrl: `https://127.0.0.1:${plain.port}`, trust: node };
  await withTransport(options, async (transport) => {
    const error = await rejection(transport.request(GET));
    assert.ok(error instanceof Unreachable);
    assert.match(error.message, /no TLS is spoken there/);
    assert.equal(error.transient, false);
  });
});

Deno.test("tlsTransport() gives up connecting at its deadline, also when the host is mute", async () => {
  await using mute = await plainServer(() => {});
  const baseUrl = `https://127.0.0.1:${mute.port}`;
  await withTransport({ baseUrl, trust: node, timeouts: { connect: 60 } }, async (transport) => {
    const error = await rejection(transport.request(GET));
    assert.ok(error instanceof Unreachable);
    assert.match(error.message, /127\.0\.0\.1:\d+: no connection within 0\.06 s/);
    assert.equal(error.transient, false);
    await until(() => mute.open.size === 0);
  });
});
