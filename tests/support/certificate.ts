// The certificate library's dependency injection needs this polyfill first.
import "../../deps/reflect_metadata.ts";
import { isIP } from "node:net";
import * as x509 from "../../deps/x509.ts";

/** A server's certificate and key, as `tls.createServer` takes them. */
export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS#8. */
  readonly key: string;
  /** SHA-256, `AA:BB…`. */
  readonly fingerprint: string;
}

/** What a throwaway certificate says. */
export interface CertificateOptions {
  /** Names and IP addresses that it is good for. */
  readonly hosts?: readonly string[];
  /** When it ends; in the past for an expired one. */
  readonly notAfter?: Date;
}

/** A certificate authority that lives as long as a test. */
export interface Authority {
  /** PEM of its own certificate. */
  readonly cert: string;
  /** A certificate signed by it. */
  issue(options?: CertificateOptions): Promise<Certificate>;
}

const ALGORITHM: EcKeyGenParams & EcdsaParams = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
};
const HOUR = 3_600_000;

/** A certificate that nobody vouches for, as a fresh Proxmox node has. */
export async function selfSigned(options: CertificateOptions = {}): Promise<Certificate> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(options.notAfter),
    name: "CN=node",
    keys,
    extensions: goodFor(options.hosts),
  });
  return await toPem(certificate, keys);
}

/** A certificate authority, for clients that trust a CA file. */
export async function authority(): Promise<Authority> {
  const keys = await newKeys();
  const name = `CN=Test Authority ${crypto.randomUUID()}`;
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    cert: own.toString("pem"),
    issue: async (options = {}) => {
      const leafKeys = await newKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        ...validity(options.notAfter),
        issuer: name,
        subject: "CN=node",
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        extensions: goodFor(options.hosts),
      });
      return await toPem(leaf, leafKeys);
    },
  };
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function validity(
  notAfter: Date = new Date(Date.now() + HOUR),
): x509.X509CertificateCreateCommonParams {
  return {
    notAfter,
    notBefore: new Date(notAfter.getTime() - 2 * HOUR),
    signingAlgorithm: ALGORITHM,
  };
}

function goodFor(
  hosts: readonly string[] = ["127.0.0.1", "::1", "localhost"],
): x509.Extension[] {
  const names = hosts.map((value): x509.JsonGeneralName => ({
    type: isIP(value) === 0 ? "dns" : "ip",
    value,
  }));
  return [new x509.SubjectAlternativeNameExtension(names)];
}

async function toPem(
  certificate: x509.X509Certificate,
  keys: CryptoKeyPair,
): Promise<Certificate> {
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate.rawData));
  const pairs = [...digest].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase());
  return {
    cert: certificate.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
    fingerprint: pairs.join(":"),
  };
}
