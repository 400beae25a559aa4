import { X509Certificate } from "node:crypto";
import { PxrunError } from "../core/errors.ts";
import type { Timeouts } from "../core/limits.ts";
import type { Platform } from "../core/platform.ts";
import type { Settings } from "../config/settings.ts";
import type { SeenCertificate } from "../proxmox/http/errors.ts";
import { type Proxy, proxyFor, type Target } from "../proxmox/http/proxy.ts";
import { throughProxy } from "../proxmox/http/proxy_connect.ts";
import { tlsTransport } from "../proxmox/http/tls.ts";
import type { Dial, Trust } from "../proxmox/http/tls_connect.ts";
import type { ByteTransport } from "../proxmox/http/transport.ts";

/** Address of the API, and the route to it. */
export interface ApiPlace extends Target {
  /** The proxy that leads there. */
  readonly proxy: Proxy | undefined;
  readonly dial: Dial | undefined;
}

/** The API's host and port, behind a proxy where the environment names one. */
export function apiPlace({ env }: Pick<Platform, "env">, { baseUrl }: Settings): ApiPlace {
  const target = { host: hostOf(baseUrl), port: Number(new URL(baseUrl).port || 443) };
  const proxy = proxyFor(env, target);
  return { ...target, proxy, dial: proxy && throughProxy(proxy, target) };
}

/** HTTPS to the API, by a proxy where the environment names one. */
export async function directTransport(
  platform: Platform,
  settings: Settings,
  confirm: ((seen: SeenCertificate) => Promise<boolean>) | undefined,
  timeouts?: Partial<Timeouts>,
): Promise<ByteTransport> {
  const { baseUrl, trust } = settings;
  if (trust.kind === "none") {
    platform.terminal.err(
      `warning: the certificate of ${hostOf(baseUrl)} is not checked (PROXMOX_VERIFY_SSL=false): ` +
        "any server that answers gets the credentials\n",
    );
  }
  const { dial } = apiPlace(platform, settings);
  return tlsTransport({
    baseUrl,
    trust: await readTrust(platform, settings),
    dial,
    confirm,
    timeouts,
  });
}

/** The host in a base URL, without the brackets of an IPv6 address. */
export function hostOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.replace(/^\[|\]$/g, "");
}

/**
 * Trust in the API's certificate, with the CA file read.
 *
 * @throws {PxrunError} USAGE when that file is not there, or holds no certificate.
 */
export async function readTrust(
  platform: Pick<Platform, "files">,
  { trust }: Pick<Settings, "trust">,
): Promise<Trust> {
  if (trust.kind === "fingerprint") return { fingerprint: trust.fingerprint };
  if (trust.kind === "system") return { system: true };
  if (trust.kind === "none") return { nothing: true };
  const ca = await platform.files.read(trust.caFile);
  if (ca === undefined) {
    throw new PxrunError("USAGE", `there is no CA file ${trust.caFile}`, {
      hint: "PROXMOX_CA_FILE names it; a node keeps its own in /etc/pve/pve-root-ca.pem",
    });
  }
  const certificates = usable(new TextDecoder().decode(ca));
  if (certificates.length === 0) {
    throw new PxrunError("USAGE", `the CA file ${trust.caFile} holds no certificate`, {
      hint:
        "it is to have one between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----, " +
        "as a node's /etc/pve/pve-root-ca.pem does",
    });
  }
  return { ca: certificates.join("\n") };
}

/** The certificates of a PEM text that can be read; the runtime complains about others in its own words. */
function usable(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter((block) => {
    try {
      return new X509Certificate(block).raw.length > 0;
    } catch {
      return false;
    }
  });
}
