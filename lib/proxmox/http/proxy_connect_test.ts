import assert from "node:assert/strict";
import { selfSigned } from "../../../tests/support/certificate.ts";
import { connectProxy } from "../../../tests/support/connect_proxy.ts";
import { httpReply, tlsServer } from "../../../tests/support/tls_server.ts";
import { plainServer, rejection, withTransport } from "../../../tests/support/transport.ts";
import { PxrunError } from "../../core/errors.ts";
import { proxyFor } from "./proxy.ts";
import { throughProxy } from "./proxy_connect.ts";
import type { TlsOptions } from "./tls.ts";

const target = { host: "pve01.example", port: 8006 };
const get = { method: "GET", path: "/api2/json/version", headers: { authorization: "s3cret" } };
const request = { ...get, method: "GET" } as const;

/** A transport to pve01.example by the proxy at a URL. */
function options(url: string, fingerprint: string): TlsOptions {
  const proxy = proxyFor({ HTTPS_PROXY: url }, target);
  assert.ok(proxy);
  return {
    baseUrl: "https://pve01.example:8006",
    trust: { fingerprint },
    dial: throughProxy(proxy, target),
  };
}

Deno.test("throughProxy() asks for a tunnel, with the login, and speaks TLS with the node", async () => {
  const certificate = await selfSigned();
  await using node = await tlsServer(certificate, (_request, socket) => {
    socket.write(httpReply(200, "OK", { data: 1 }));
  });
  await using proxy = await connectProxy({ to: node.port, login: `Basic ${btoa("me:pass")}` });
  await withTransport(
    options(`http://me:pass@127.0.0.1:${proxy.port}`, certificate.fingerprint),
    async (transport) => {
      assert.equal((await transport.request(request)).status, 200);
      assert.equal((await transport.request(request)).status, 200);
    },
  );
  assert.equal(proxy.heads.length, 1);
  assert.match(proxy.heads[0] ?? "", /^CONNECT pve01\.example:8006 HTTP\/1\.1\r\nHost: pve01/);
  assert.ok(!proxy.tunnelled.includes("s3cret"));
  assert.equal(node.requests.length, 2);
});

Deno.test("throughProxy() lets nothing out to a node with another certificate", async () => {
  const expected = await selfSigned();
  await using node = await tlsServer(await selfSigned(), () => {});
  await using proxy = await connectProxy({ to: node.port });
  await withTransport(
    options(`http://127.0.0.1:${proxy.port}`, expected.fingerprint),
    async (transport) => {
      const error = await rejection(transport.request(request));
      assert.ok(error instanceof PxrunError && error.code === "UNTRUSTED");
    },
  );
  assert.equal(node.bytes, 0);
});

const refusals: readonly [reply: string, code: string, says: RegExp][] = [
  [
    "403 Forbidden",
    "UNREACHABLE",
    /the proxy http:\/\/127\.0\.0\.1:\d+ does not lead to pve01\.example:8006: 403 Forbidden/,
  ],
  ["407 Who are you", "UNAUTHORIZED", /the proxy http:\/\/127.* wants a login: 407/],
];

for (const [reply, code, says] of refusals) {
  Deno.test(`throughProxy() names the proxy that answers ${reply}, and not its password`, async () => {
    await using proxy = await connectProxy({ to: 1, reply });
    const url = `http://me:hunter2@127.0.0.1:${proxy.port}`;
    await withTransport(options(url, "AB".repeat(32)), async (transport) => {
      const error = await rejection(transport.request(request));
      assert.ok(error instanceof PxrunError);
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.ok(!Deno.inspect(error).includes("hunter2"));
    });
  });
}

Deno.test("throughProxy() says when the proxy is not there, is none, or closes", async () => {
  const fails = async (url: string, says: RegExp): Promise<void> =>
    await withTransport(options(url, "AB".repeat(32)), async (transport) => {
      const error = await rejection(transport.request(request));
      assert.ok(error instanceof PxrunError && error.code === "UNREACHABLE");
      assert.match(error.message, says);
    });
  await fails("http://127.0.0.1:1", /by the proxy http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  await using mailer = await plainServer((socket) => void socket.write("220 mail\r\n\r\n"));
  await fails(`http://127.0.0.1:${mailer.port}`, /it speaks no HTTP/);
  await using closer = await plainServer((socket) => void socket.end());
  await fails(`http://127.0.0.1:${closer.port}`, /it closed the connection/);
});

Deno.test("throughProxy() does not wait for a silent proxy, nor after its transport is closed", async () => {
  await using silent = await plainServer(() => {});
  const url = `http://127.0.0.1:${silent.port}`;
  const impatient = { ...options(url, "AB".repeat(32)), timeouts: { connect: 50 } };
  await withTransport(impatient, async (transport) => {
    const error = await rejection(transport.request(request));
    assert.ok(error instanceof PxrunError && error.code === "UNREACHABLE");
    assert.match(error.message, /the proxy http:.* did not answer in time/);
  });
  await withTransport(options(url, "AB".repeat(32)), async (transport) => {
    const failing = rejection(transport.request(request));
    await transport.close();
    const error = await failing;
    assert.ok(error instanceof PxrunError && error.code === "UNREACHABLE");
  });
});

Deno.test("throughProxy() speaks TLS with a proxy whose URL says so", async () => {
  await using plain = await plainServer(() => {});
  const url = `https://127.0.0.1:${plain.port}`;
  await withTransport(
    { ...options(url, "AB".repeat(32)), timeouts: { connect: 300 } },
    async (way) => {
      const error = await rejection(way.request(request));
      assert.ok(error instanceof PxrunError && error.code === "UNREACHABLE");
      assert.match(error.message, /the proxy https:\/\/127\.0\.0\.1:\d+: it did not answer/);
    },
  );
});

Deno.test("throughProxy() sends no login to a proxy whose certificate nobody vouches for", async () => {
  await using proxy = await tlsServer(await selfSigned(), () => {});
  const url = proxy.url.replace("//", "//me:hunter2@");
  await withTransport(options(url, "AB".repeat(32)), async (way) => {
    const error = await rejection(way.request(request));
    assert.ok(error instanceof PxrunError && error.code === "UNREACHABLE");
  });
  assert.equal(proxy.bytes, 0);
});
