import assert from "node:assert/strict";
import type { Files } from "../../core/platform.ts";
import {
  checkHostKey,
  hashHostName,
  knownKeyTypes,
  parseKnownHosts,
  readKnownHosts,
} from "./known_hosts.ts";
import { keyText } from "./wire.ts";

/** A key of a type, made of its name and one distinguishing byte. */
function key(type: string, byte: number): Uint8Array {
  const name = new TextEncoder().encode(type);
  return new Uint8Array([0, 0, 0, name.length, ...name, 0, 0, 0, 1, byte]);
}

const mine = key("ssh-ed25519", 1);
const other = key("ssh-ed25519", 2);
const rsa = key("ssh-rsa", 3);

function verdict(text: string, host: string, port = 22, presented = mine): string {
  return checkHostKey(parseKnownHosts(text, "kh"), { host, port }, presented).kind;
}

const line = (hosts: string, publicKey = mine): string => `${hosts} ${keyText(publicKey)} comment`;

Deno.test("checkHostKey() goes by names, ports, lists, wildcards and negation", () => {
  const cases: readonly [text: string, host: string, port: number, verdict: string][] = [
    [line("pve01"), "pve01", 22, "match"],
    [line("PVE01"), "pve01", 22, "match"],
    [line("pve01"), "PVE01", 22, "match"],
    [line("pve01"), "pve02", 22, "unknown"],
    [line("[pve01]:2222"), "pve01", 2222, "match"],
    [line("[pve01]:2222"), "pve01", 22, "unknown"],
    [line("pve01"), "pve01", 2222, "match"],
    [line("pve01", other), "pve01", 2222, "unknown"],
    [line("[pve01]:2222", other), "pve01", 2222, "changed"],
    [line("pve01,10.0.0.1"), "10.0.0.1", 22, "match"],
    [line("fd00::1"), "fd00::1", 22, "match"],
    [line("[fd00::1]:23"), "fd00::1", 23, "match"],
    [line("*.example.org"), "a.example.org", 22, "match"],
    [line("*.example.org"), "aXexample.org", 22, "unknown"],
    [line("pve0?"), "pve01", 22, "match"],
    [line("pve0?"), "pve011", 22, "unknown"],
    [line("*,!pve01"), "pve01", 22, "unknown"],
    [line("*,!pve01"), "pve02", 22, "match"],
    [line("pve01", other), "pve01", 22, "changed"],
    [line("pve01", rsa), "pve01", 22, "changed"],
    [`${line("pve01", other)}\n${line("pve01")}`, "pve01", 22, "match"],
    [`  ${line("pve01")}\r\n`, "pve01", 22, "match"],
    [`# ${line("pve01")}`, "pve01", 22, "unknown"],
  ];
  for (const [text, host, port, expected] of cases) {
    assert.equal(verdict(text, host, port), expected, `${text} ${host}:${port}`);
  }
});

Deno.test("checkHostKey() recognizes hashed names", () => {
  // Made by `ssh-keygen -H` of pve01 and [pve01]:2222.
  const hashed = [
    line("|1|qyIgrfiCw4JNLDuKY4dF2xidVAM=|pn6+gkXLmIsPBrvM436JJr/b7gk="),
    line("|1|ddnbXanQZTLJwQZWHI4jc0JmvLs=|R9fbPhAAnbb6N1aK/QO0j7tjXHI=", other),
  ].join("\n");
  assert.equal(verdict(hashed, "pve01"), "match");
  assert.equal(verdict(hashed, "pve01", 2222, other), "match");
  assert.equal(verdict(hashed, "pve01", 22, other), "changed");
  assert.equal(verdict(hashed, "pve02"), "unknown");
  assert.equal(verdict(line("|2|YQ==|YQ=="), "pve01"), "unknown");
});

Deno.test("checkHostKey() refuses a revoked key, whatever else vouches for it", () => {
  assert.equal(verdict(`${line("pve01")}\n@revoked ${line("*")}`, "pve01"), "revoked");
  assert.equal(verdict(`${line("pve01")}\n@revoked ${line("*", other)}`, "pve01"), "match");
});

Deno.test("checkHostKey() takes a certificate authority's key for no host's own", () => {
  const known = parseKnownHosts(`@cert-authority ${line("*.lan")}`, "kh");
  const found = checkHostKey(known, { host: "a.lan", port: 22 }, mine);
  assert.equal(found.kind === "unknown" && found.authorities[0]?.line, 1);
});

Deno.test("checkHostKey() goes by HostKeyAlias alone where there is one", () => {
  const known = parseKnownHosts(`${line("alias")}\n${line("pve01", other)}`, "kh");
  const name = { host: "pve01", port: 2222, alias: "alias" };
  assert.equal(checkHostKey(known, name, mine).kind, "match");
  assert.equal(checkHostKey(known, name, other).kind, "changed");
});

Deno.test("parseKnownHosts() passes over what is no line for a key, and counts lines", () => {
  const text = [
    "",
    "pve01",
    "pve01 ssh-ed25519",
    "pve01 ssh-ed25519 !!!",
    `pve01 ssh-rsa ${mine.toBase64()}`,
    `@future ${line("pve01")}`,
    line("pve01"),
  ].join("\n");
  const known = parseKnownHosts(text, "kh");
  assert.deepEqual(known.map(({ file, line }) => [file, line]), [["kh", 7]]);
});

Deno.test("knownKeyTypes() names the types a host is known by, in their order", () => {
  const known = parseKnownHosts(
    [line("pve01", rsa), line("pve01"), line("pve02"), `@revoked ${line("pve03")}`].join("\n"),
    "kh",
  );
  assert.deepEqual(knownKeyTypes(known, { host: "pve01", port: 22 }), ["ssh-rsa", "ssh-ed25519"]);
  assert.deepEqual(knownKeyTypes(known, { host: "pve01", port: 23 }), ["ssh-rsa", "ssh-ed25519"]);
  assert.deepEqual(knownKeyTypes(known, { host: "pve03", port: 22 }), []);
});

Deno.test("readKnownHosts() reads several files, and none where there is none", async () => {
  const contents: Readonly<Record<string, string>> = { a: line("pve01", other), c: line("pve01") };
  const files: Pick<Files, "read"> = {
    read: (path) => {
      const text = contents[path];
      return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
    },
  };
  const known = await readKnownHosts(files, ["a", "b", "c"]);
  assert.deepEqual(known.map(({ file }) => file), ["a", "c"]);
  assert.equal(checkHostKey(known, { host: "pve01", port: 22 }, mine).kind, "match");
});

Deno.test("hashHostName() writes a name that checkHostKey() knows again, each time another", () => {
  const [first, second] = [hashHostName("[PVE01]:2222"), hashHostName("[pve01]:2222")];
  assert.notEqual(first, second);
  assert.equal(verdict(`${first} ${keyText(mine)}`, "pve01", 2222), "match");
  assert.equal(verdict(`${first} ${keyText(mine)}`, "pve01", 2223), "unknown");
});
