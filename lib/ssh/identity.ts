// @ts-types="@types/ssh2"
import { type ParsedKey, utils } from "ssh2";
import { Secret } from "../core/secret.ts";
import type { Files } from "../core/world.ts";
import { repairEcdsaPem } from "./ecdsa.ts";
import { fromBase64, readStrings } from "./wire.ts";

/** A key file. Even one that cannot be read says which of the agent's keys is meant. */
export interface Identity {
  readonly path: string;
  /** The public key, where file or `FILE.pub` tell it. */
  readonly publicKey: Uint8Array | undefined;
  /** What signs, or why nothing here can. */
  readonly privateKey: Secret | Unusable;
}

/** Why a key file cannot sign by itself. */
export interface Unusable {
  readonly reason: "encrypted" | "public" | "curve" | "unreadable";
}

/** Reads the key files that exist, in their order. */
export async function readIdentities(
  files: Pick<Files, "read">,
  paths: readonly string[],
): Promise<Identity[]> {
  const found = await Promise.all(paths.map(async (path) => {
    // A file that may not be read counts as an unreadable key, not as a crash.
    const read = (name: string): Promise<Uint8Array | undefined> =>
      files.read(name).catch(() => new Uint8Array());
    const [file, pub] = await Promise.all([read(path), read(`${path}.pub`)]);
    return file === undefined ? [] : [parseIdentity(path, file, pub)];
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
    const reason = /encrypted/i.test(`${key.message} ${text}`) ? "encrypted" : "unreadable";
    return { path, publicKey: beside ?? publicKeyInside(text), privateKey: { reason } };
  }
  const publicKey = beside ?? key.getPublicSSH();
  if (!key.isPrivateKey()) return { path, publicKey, privateKey: { reason: "public" } };
  const ecdsa = key.type.startsWith("ecdsa-");
  const pem = ecdsa ? repairEcdsaPem(key.type, key.getPrivatePEM()) : text;
  return { path, publicKey, privateKey: pem === undefined ? { reason: "curve" } : new Secret(pem) };
}

/** ssh2's parser, which throws on some keys instead of returning its error. */
function parseKey(text: string): ParsedKey | Error {
  try {
    return utils.parseKey(text);
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
