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
