import assert from "node:assert/strict";
import { contains, isLinkLocal, isReserved, parseAddress, parseCidr } from "./address.ts";

Deno.test("parseAddress() reads IPv4 and every way to write IPv6", () => {
  const cases: [string, 4 | 6, bigint][] = [
    ["0.0.0.0", 4, 0n],
    ["255.255.255.255", 4, 0xffffffffn],
    ["10.0.0.1", 4, 0x0a000001n],
    ["::", 6, 0n],
    ["::1", 6, 1n],
    ["1::", 6, 1n << 112n],
    ["fe80::1", 6, (0xfe80n << 112n) | 1n],
    ["1:2:3:4:5:6:7:8", 6, 0x00010002000300040005000600070008n],
    ["::ffff:10.0.0.1", 6, 0xffff0a000001n],
    ["2001:DB8::A", 6, (0x20010db8n << 96n) | 10n],
  ];
  for (const [text, family, bits] of cases) {
    assert.deepEqual(parseAddress(text), { family, bits }, text);
  }
});

Deno.test("parseAddress() refuses what is no address", () => {
  const texts = [
    "",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.1.1",
    "1:2:3",
    ":",
    ":::",
    "1::2::3",
  ];
  const more = [
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "g::1",
    "12345::",
    "10.0.0.1::",
    "fe80::1%eth0",
  ];
  for (const text of [...texts, ...more]) assert.equal(parseAddress(text), undefined, text);
});

Deno.test("parseCidr() wants a prefix that fits", () => {
  assert.deepEqual(parseCidr("10.0.0.1/24"), { family: 4, bits: 0x0a000001n, prefix: 24 });
  assert.equal(parseCidr("::1/128")?.prefix, 128);
  for (const text of ["10.0.0.1", "10.0.0.1/33", "::1/129", "10.0.0.1/", "10.0.0.1/a", "/24"]) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

Deno.test("contains() compares the bits of the prefix", () => {
  const inside = (network: string, address: string): boolean => {
    const [cidr, found] = [parseCidr(network), parseAddress(address)];
    assert.ok(cidr && found);
    return contains(cidr, found);
  };
  assert.equal(inside("10.0.0.7/24", "10.0.0.200"), true);
  assert.equal(inside("10.0.0.7/24", "10.0.1.200"), false);
  assert.equal(inside("10.0.0.7/32", "10.0.0.7"), true);
  assert.equal(inside("2001:db8::1/64", "2001:db8::ffff"), true);
  assert.equal(inside("10.0.0.7/8", "::1"), false);
});

Deno.test("isReserved() and isLinkLocal() know the special addresses", () => {
  const reserved = (text: string): boolean => {
    const cidr = parseCidr(text);
    assert.ok(cidr);
    return isReserved(cidr);
  };
  assert.equal(reserved("10.0.0.0/24"), true);
  assert.equal(reserved("10.0.0.255/24"), true);
  assert.equal(reserved("10.0.0.255/16"), false);
  assert.equal(reserved("10.0.0.0/31"), false);
  assert.equal(reserved("2001:db8::/64"), false);
  assert.equal(isLinkLocal({ family: 6, bits: 0xfe80n << 112n }), true);
  assert.equal(isLinkLocal({ family: 6, bits: 0xfec0n << 112n }), false);
  assert.equal(isLinkLocal({ family: 4, bits: 0n }), false);
});
