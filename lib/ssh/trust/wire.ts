import { createHash } from "node:crypto";

/**
 * The first strings of an SSH message, each written as a 32-bit length and that
 * many bytes; undefined when the message ends too early.
 */
export function readStrings(bytes: Uint8Array, count: number): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Uint8Array[] = [];
  let at = 0;
  while (strings.length < count) {
    const start = at + 4;
    if (start > bytes.length) return undefined;
    at = start + view.getUint32(at);
    if (at > bytes.length) return undefined;
    strings.push(bytes.subarray(start, at));
  }
  return strings;
}

/** The bytes behind a base64 text; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}

/** The type that a public key names in its first string: `ssh-ed25519`. */
export function keyType(publicKey: Uint8Array): string {
  const name = readStrings(publicKey, 1)?.[0];
  return name === undefined ? "unknown" : new TextDecoder().decode(name);
}

/** True if keys of a type are on a security key (FIDO), which nothing here can talk to. */
export function isHardwareKey(type: string): boolean {
  return /^(webauthn-)?sk-/.test(type);
}

/** True if this is the type of a certificate, not of a key. */
export function isCertificate(type: string): boolean {
  return /-cert-v\d+@/.test(type);
}

/** A public key as it stands in known_hosts and authorized_keys: `ssh-ed25519 AAAA…`. */
export function keyText(publicKey: Uint8Array): string {
  return `${keyType(publicKey)} ${publicKey.toBase64()}`;
}

/** A public key's fingerprint as `ssh-keygen -l` prints it. */
export function fingerprint(publicKey: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`;
}
