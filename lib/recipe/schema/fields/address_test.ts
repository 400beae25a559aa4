import assert from "node:assert/strict";
import { contains, familyOf, isLinkLocal, isReserved, parseAddress, parseCidr } from "./address.ts";

Deno.test("parseAddress() reads IPv4 and every way to write IPv6", () => {
  const cases: [text: string, family: 4 | 6, canonical: string][] = [
    ["0.0.0.0", 4, "0.0.0.0"],
    ["255.255.255.255", 4, "255.255.255.255"],
    ["10.0.0.1", 4, "10.0.0.1"],
    ["::", 6, "::"],
    ["::1", 6, "::1"],
    ["1::", 6, "1::"],
    ["fe80:0:0::1", 6, "fe80::1"],
    ["1:2:3:4:5:6:7:8", 6, "1:2:3:4:5:6:7:8"],
    ["::ffff:10.0.0.1", 6, "::ffff:a00:1"],
    ["2001:DB8::A", 6, "2001:db8::a"],
  ];
  for (const [text, family, canonical] of cases) {
    assert.equal(familyOf(text), family, text);
    assert.equal(String(parseAddress(text)), canonical);
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
  assert.equal(parseCidr("10.0.0.1/24")?.prefix, 24);
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
  for (
    const [text, local] of [["fe80::1", true], ["fec0::1", false], ["0.0.0.0", false]] as const
  ) {
    const address = parseAddress(text);
    assert.ok(address);
    assert.equal(isLinkLocal(address), local, text);
  }
});
