import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { utils } from "../../../deps/ssh2.ts";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { Secret } from "../../core/secret.ts";
import { type Identity, parseIdentity, readIdentities, repairEcdsaPem } from "./identity.ts";
import { keyText } from "../trust/wire.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const reasonOf = ({ privateKey }: Identity): string | undefined =>
  privateKey instanceof Secret ? undefined : privateKey.reason;
const publicOf = ({ publicKey }: Identity): string | undefined => publicKey && keyText(publicKey);

Deno.test("parseIdentity() takes ed25519, RSA and ECDSA keys, and every one of them signs", () => {
  const pairs = [
    newKey(""),
    utils.generateKeyPairSync("rsa", { bits: 2048 }),
    // Half of all ECDSA keys begin with a set bit, which ssh2 alone cannot use.
    ...Array.from({ length: 12 }, () => utils.generateKeyPairSync("ecdsa", { bits: 256 })),
    utils.generateKeyPairSync("ecdsa", { bits: 384 }),
  ];
  for (const pair of pairs) {
    const identity = parseIdentity("key", bytes(pair.private));
    assert.equal(publicOf(identity), pair.public);
    assert.ok(identity.privateKey instanceof Secret);
    const key = utils.parseKey(identity.privateKey.reveal());
    assert.ok(!(key instanceof Error));
    const data = Buffer.from("data");
    assert.equal(key.verify(data, key.sign(data)), true);
  }
});

Deno.test("parseIdentity() takes RSA keys in PEM format", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs1", format: "pem" });
  assert.ok(parseIdentity("key", bytes(`${pem}`)).privateKey instanceof Secret);
});

Deno.test("parseIdentity() knows the public half of an encrypted key", () => {
  const pair = newKey("", "secret");
  const identity = parseIdentity("key", bytes(pair.private));
  assert.equal(reasonOf(identity), "encrypted");
  assert.equal(publicOf(identity), pair.public);
});

Deno.test("parseIdentity() says why a file cannot sign", () => {
  const pair = newKey("");
  assert.equal(reasonOf(parseIdentity("key.pub", bytes(pair.public))), "public");
  assert.equal(reasonOf(parseIdentity("key", bytes("not a key"))), "unreadable");
  for (const body of ["!!!", "AAAA"]) {
    const cut = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`;
    assert.equal(reasonOf(parseIdentity("key", bytes(cut))), "unreadable");
  }
  const p521 = utils.generateKeyPairSync("ecdsa", { bits: 521 });
  assert.equal(reasonOf(parseIdentity("key", bytes(p521.private))), "curve");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const encrypted = privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });
  assert.equal(reasonOf(parseIdentity("key", bytes(`${encrypted}`))), "encrypted");
});

Deno.test("parseIdentity() takes the public half from the file beside it", () => {
  const pair = newKey("");
  const identity = parseIdentity("key", bytes("not a key"), bytes(`${pair.public} comment`));
  assert.equal(publicOf(identity), pair.public);
  assert.equal(publicOf(parseIdentity("key", bytes("not a key"), bytes("neither"))), undefined);
});

Deno.test("parseIdentity() shows no private key when it is printed", () => {
  const identity = parseIdentity("key", bytes(newKey("").private));
  assert.ok(!/PRIVATE|b3BlbnNzaC1rZXk/.test(Deno.inspect(identity) + JSON.stringify(identity)));
});

Deno.test("readIdentities() keeps the order, passes over missing files, survives unreadable ones", async () => {
  const pair = newKey("");
  const identities = await readIdentities({
    read(path) {
      if (path === "denied") return Promise.reject(new Error("permission denied"));
      return Promise.resolve(path === "key" ? bytes(pair.private) : undefined);
    },
  }, ["denied", "missing", "key"]);
  assert.deepEqual(identities.map(({ path }) => path), ["denied", "key"]);
  assert.deepEqual(identities.map(reasonOf), ["denied", undefined]);
});

/** A private key file of OpenSSH whose public half is of this type. */
function keyFileOf(type: string): string {
  const string = (part: Uint8Array): number[] => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length);
    return [...length, ...part];
  };
  const publicKey = new Uint8Array([...string(bytes(type)), ...string(new Uint8Array(32))]);
  const body = [
    ...bytes("openssh-key-v1\0"),
    ...string(bytes("aes256-ctr")),
    ...string(bytes("bcrypt")),
    ...string(new Uint8Array(24)),
    ...[0, 0, 0, 1],
    ...string(publicKey),
    ...string(new Uint8Array(64)),
  ];
  const text = new Uint8Array(body).toBase64().replaceAll(/.{70}/g, "$&\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

Deno.test("parseIdentity() tells hardware keys and certificates from keys that it cannot read", () => {
  for (const type of ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"]) {
    assert.equal(reasonOf(parseIdentity("key", bytes(keyFileOf(type)))), "hardware");
    assert.equal(reasonOf(parseIdentity("key.pub", bytes(`${type} AAAA me\n`))), "hardware");
  }
  const certificate = bytes("ssh-ed25519-cert-v01@openssh.com AAAA me\n");
  assert.equal(reasonOf(parseIdentity("key-cert.pub", certificate)), "certificate");
  assert.equal(reasonOf(parseIdentity("key", bytes("nothing"))), "unreadable");
});

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
