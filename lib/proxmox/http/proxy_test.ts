import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import { type Proxy, proxyFor } from "./proxy.ts";

const pve = { host: "pve01.lab.example", port: 8006 };
const HTTPS_PROXY = "http://proxy.example:3128";

function proxy(env: Readonly<Record<string, string>>, target = pve): Proxy | undefined {
  return proxyFor(env, target);
}

Deno.test("proxyFor() reads HTTPS_PROXY in both spellings, with and without scheme and port", () => {
  assert.equal(proxy({}), undefined);
  const plain = { host: "proxy.example", port: 3128, tls: false };
  assert.deepEqual(proxy({ HTTPS_PROXY }), plain);
  assert.deepEqual(proxy({ https_proxy: "proxy.example:3128" }), plain);
  assert.deepEqual(proxy({ HTTPS_PROXY, https_proxy: "http://other" }), plain);
  assert.equal(proxy({ HTTPS_PROXY: "http://p.example" })?.port, 80);
  assert.deepEqual(proxy({ HTTPS_PROXY: "https://[fd00::1]" }), {
    host: "fd00::1",
    port: 443,
    tls: true,
  });
  assert.equal(proxy({ HTTP_PROXY: "http://p.example" }), undefined);
});

Deno.test("proxyFor() keeps the credentials in the URL secret", () => {
  const found = proxy({ HTTPS_PROXY: "http://me:p%40ss%3Aw%C3%B6rd@proxy.example:3128" });
  const encoded = found?.authorization?.reveal().replace("Basic ", "") ?? "";
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  assert.equal(new TextDecoder().decode(bytes), "me:p@ss:wörd");
  assert.ok(!Deno.inspect(found).includes(encoded) && !JSON.stringify(found).includes(encoded));
});

Deno.test("proxyFor() exempts what NO_PROXY names, and this machine", () => {
  const exempt = (NO_PROXY: string, host = pve.host, port = 8006): boolean =>
    proxy({ HTTPS_PROXY, NO_PROXY }, { host, port }) === undefined;
  for (
    const list of ["*", "lab.example", ".lab.example", "*.lab.example", "a, PVE01.lab.example"]
  ) {
    assert.ok(exempt(list), list);
  }
  for (const list of ["", "ab.example", "pve01", "pve01.lab.example.org", "other:8006"]) {
    assert.ok(!exempt(list), list);
  }
  assert.ok(exempt("lab.example:8006"));
  assert.ok(!exempt("lab.example:443"));
  assert.ok(exempt("10.0.0.0/8", "10.1.2.3"));
  assert.ok(!exempt("10.0.0.0/8", "11.1.2.3"));
  assert.ok(!exempt("10.0.0.0/99", "10.1.2.3"));
  assert.ok(exempt("fd00::/8", "fd00::5"));
  assert.ok(exempt("[fd00::5]:8006", "fd00::5"));
  assert.ok(exempt("10.1.2.3", "10.1.2.3"));
  assert.ok(!exempt("2.3", "10.1.2.3"));
  for (const host of ["localhost", "127.0.0.1", "127.8.9.1", "::1"]) assert.ok(exempt("", host));
});

Deno.test("proxyFor() refuses what is no HTTP proxy without repeating it", () => {
  for (const text of ["socks5://me:s3cret@p:1080", "http://me:s3cret@", "http://me:s3cret@p:x"]) {
    assert.throws(() => proxy({ https_proxy: text }), (error) => {
      assert.ok(error instanceof PxrunError && error.code === "USAGE", text);
      assert.match(error.message, /^https_proxy is not/);
      assert.ok(!`${error.message}${error.hint}`.includes("s3cret"));
      return true;
    });
  }
});
