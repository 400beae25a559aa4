import { createPrivateKey } from "node:crypto";
import { type ParsedKey, utils } from "../../../deps/ssh2.ts";
import { Secret } from "../../core/secret.ts";
import type { Files } from "../../core/platform.ts";
import { fromBase64, isCertificate, isHardwareKey, keyType, readStrings } from "../trust/wire.ts";

/** A key file. Even one that cannot be read says which of the agent's keys is meant. */
export interface Identity {
  readonly path: string;
  /** The public key, where file or `FILE.pub` tell it. */
  readonly publicKey: Uint8Array | undefined;
  /** Signer, or the reason why there is none. */
  readonly privateKey: Secret | Unusable;
}

/** Why a key file cannot sign by itself. */
export interface Unusable {
  readonly reason:
    | "encrypted"
    | "locked"
    | "public"
    | "curve"
    | "hardware"
    | "certificate"
    | "unreadable"
    | "denied";
  /** Of an encrypted file: the key inside, or undefined when the passphrase is a wrong one. */
  readonly open?: (passphrase: Secret) => ParsedKey | Unusable | undefined;
}

/** Reads the key files that exist, in their order. */
export async function readIdentities(
  files: Pick<Files, "read">,
  paths: readonly string[],
): Promise<Identity[]> {
  const found = await Promise.all(paths.map(async (path): Promise<Identity[]> => {
    // A file that may not be read is one more key that cannot be used, not a crash.
    const read = (name: string): Promise<Uint8Array | undefined | "denied"> =>
      files.read(name).catch(() => "denied" as const);
    const [file, beside] = await Promise.all([read(path), read(`${path}.pub`)]);
    const pub = beside === "denied" ? undefined : beside;
    if (file !== "denied") return file === undefined ? [] : [parseIdentity(path, file, pub)];
    // Whose public key can be read may be in the agent.
    const { publicKey } = parseIdentity(path, new Uint8Array(), pub);
    return [{ path, publicKey, privateKey: { reason: "denied" } }];
  }));
  return found.flat();
}

/**
 * Understands a key file.
 *
 * @param path Its name, for messages.
 * @param file Its bytes: OpenSSH, PEM or PuTTY format, or a public key.
 * @param pub The bytes of the public key file beside it.
 */
export function parseIdentity(path: string, file: Uint8Array, pub?: Uint8Array): Identity {
  const text = new TextDecoder().decode(file);
  const beside = pub === undefined ? undefined : publicKeyOf(new TextDecoder().decode(pub));
  const key = parseKey(text);
  if (key instanceof Error) {
    const inside = publicKeyInside(text);
    const publicKey = beside ?? inside;
    const type = inside === undefined ? text.trim().split(/\s/, 1)[0] ?? "" : keyType(inside);
    // No passphrase helps against these.
    if (isHardwareKey(type)) return { path, publicKey, privateKey: { reason: "hardware" } };
    if (isCertificate(type)) return { path, publicKey, privateKey: { reason: "certificate" } };
    const encrypted = /encrypted/i.test(`${key.message} ${text}`);
    const privateKey: Unusable = encrypted
      ? { reason: "encrypted", open: (passphrase) => openKey(text, passphrase) }
      : { reason: "unreadable" };
    return { path, publicKey, privateKey };
  }
  const publicKey = beside ?? key.getPublicSSH();
  if (!key.isPrivateKey()) return { path, publicKey, privateKey: { reason: "public" } };
  const pem = isEcdsa(key) ? repairEcdsaPem(key.type, key.getPrivatePEM()) : text;
  return { path, publicKey, privateKey: pem === undefined ? { reason: "curve" } : new Secret(pem) };
}

function isEcdsa(key: ParsedKey): boolean {
  return key.type.startsWith("ecdsa-");
}

/** The key in an encrypted file. Every error counts as a wrong passphrase: OpenSSH's format tells no more. */
function openKey(text: string, passphrase: Secret): ParsedKey | Unusable | undefined {
  const plain = text.includes("BEGIN OPENSSH") ? text : openPem(text, passphrase);
  if (plain === undefined) return undefined;
  const key = parseKey(plain, passphrase.reveal());
  if (key instanceof Error) return plain === text ? undefined : { reason: "curve" };
  if (!isEcdsa(key)) return key;
  const pem = repairEcdsaPem(key.type, key.getPrivatePEM());
  const repaired = pem === undefined ? undefined : parseKey(pem);
  return repaired === undefined || repaired instanceof Error ? { reason: "curve" } : repaired;
}

/** PEM of all kinds in clear: ssh2 reads no encrypted PKCS#8, and leaves padding in what it decrypts. */
function openPem(text: string, passphrase: Secret): string | undefined {
  try {
    const key = createPrivateKey({ key: text, passphrase: passphrase.reveal() });
    const type = key.asymmetricKeyType === "ec" ? "sec1" : "pkcs1";
    return String(key.export({ type, format: "pem" }));
  } catch {
    return undefined;
  }
}

/** ssh2's parser, which throws on some keys instead of returning its error. */
function parseKey(text: string, passphrase?: string): ParsedKey | Error {
  try {
    return utils.parseKey(text, passphrase);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The key in a line `ssh-ed25519 AAAA… comment`. */
function publicKeyOf(line: string): Uint8Array | undefined {
  const key = parseKey(line);
  return key instanceof Error ? undefined : key.getPublicSSH();
}

/** The public key that OpenSSH's format keeps in clear text, even when the file is encrypted. */
function publicKeyInside(text: string): Uint8Array | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----/.exec(text)?.[1];
  const bytes = body === undefined ? undefined : fromBase64(body);
  if (bytes === undefined) return undefined;
  // A magic word of 15 bytes, three strings, a count, then the public keys.
  const strings = readStrings(bytes.subarray(15), 3);
  if (strings === undefined) return undefined;
  const start = strings.reduce((sum, string) => sum + 4 + string.length, 15 + 4);
  return readStrings(bytes.subarray(start), 1)?.[0];
}

/** Bytes of a private key on each curve; P-521 is missing in Deno's own ECDH, which ssh2 needs. */
const sizes: Readonly<Record<string, number>> = {
  "ecdsa-sha2-nistp256": 32,
  "ecdsa-sha2-nistp384": 48,
};

/**
 * An ECDSA private key as ssh2 writes it, made valid. ssh2 copies OpenSSH's
 * signed number into SEC1's octet string, where the number's leading zero is one
 * byte too many (half of all keys) and a short number is too few.
 *
 * @param type The SSH key type.
 * @param pem What ssh2 calls the private PEM: an `EC PRIVATE KEY`.
 * @returns undefined for a curve that cannot sign here.
 */
export function repairEcdsaPem(type: string, pem: string): string | undefined {
  const size = sizes[type];
  if (size === undefined) return undefined;
  const der = Uint8Array.fromBase64(pem.replace(/-----[^-]+-----/g, ""));
  const content = (der[1] ?? 0) < 0x80 ? 2 : 2 + ((der[1] ?? 0) & 0x7f);
  // INTEGER 1 takes three bytes; then OCTET STRING, its length, the number, curve and point.
  const version = der.subarray(content, content + 3);
  const start = content + 5;
  const end = start + (der[start - 1] ?? 0);
  const number = der.subarray(start, end);
  const fitted = new Uint8Array(size);
  const significant = number.subarray(Math.max(0, number.length - size));
  fitted.set(significant, size - significant.length);
  const body = [...version, 0x04, size, ...fitted, ...der.subarray(end)];
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  const text = new Uint8Array([0x30, ...length, ...body]).toBase64();
  const lines = text.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN EC PRIVATE KEY-----", ...lines, "-----END EC PRIVATE KEY-----"].join("\n");
}
