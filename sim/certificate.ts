import "../deps/reflect_metadata.ts";
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "../deps/x509.ts";

/** A throwaway key with its certificate. */
export interface Certificate {
  /** PKCS#8 in PEM. */
  readonly key: string;
  readonly pem: string;
  /** SHA-256, two upper-case hex digits a byte, with colons. */
  readonly fingerprint: string;
}

/** Makes a certificate that signs itself, for localhost and for these names. */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const day = 86_400_000;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0] ?? "localhost"}, O=pxrun simulator`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 30 * day),
    extensions: [
      new BasicConstraintsExtension(true),
      new SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
        ...names.map((value) => ({ type: "dns", value }) as const),
      ]),
    ],
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate.rawData));
  return {
    key: PemConverter.encode(
      await crypto.subtle.exportKey("pkcs8", keys.privateKey),
      "PRIVATE KEY",
    ),
    pem: certificate.toString("pem"),
    fingerprint: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(":")
      .toUpperCase(),
  };
}
