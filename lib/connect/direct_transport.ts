import { PxrunError } from "../core/errors.ts";
import type { World } from "../core/world.ts";
import type { Settings } from "../config/settings.ts";
import type { SeenCertificate } from "../proxmox/errors.ts";
import { proxyFor } from "../proxmox/proxy.ts";
import { throughProxy } from "../proxmox/proxy_connect.ts";
import { tlsTransport } from "../proxmox/tls.ts";
import type { Trust } from "../proxmox/tls_connect.ts";
import type { ByteTransport } from "../proxmox/transport.ts";

/** HTTPS to the API, by a proxy where the environment names one. */
export async function directTransport(
  world: World,
  settings: Settings,
  confirm: ((seen: SeenCertificate) => Promise<boolean>) | undefined,
): Promise<ByteTransport> {
  const { baseUrl, trust } = settings;
  if (trust.kind === "none") {
    world.terminal.err(
      `warning: the certificate of ${hostOf(baseUrl)} is not checked (PROXMOX_VERIFY_SSL=false): ` +
        "whoever answers gets the credentials\n",
    );
  }
  const target = { host: hostOf(baseUrl), port: Number(new URL(baseUrl).port || 443) };
  const proxy = proxyFor(world.env, target);
  return tlsTransport({
    baseUrl,
    trust: await readTrust(world, settings),
    ...(proxy && { dial: throughProxy(proxy, target) }),
    confirm,
  });
}

/** The host in a base URL, without the brackets of an IPv6 address. */
export function hostOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.replace(/^\[|\]$/g, "");
}

async function readTrust(
  world: World,
  { trust }: Settings,
): Promise<Trust> {
  if (trust.kind === "fingerprint") return { fingerprint: trust.fingerprint };
  if (trust.kind === "system") return { system: true };
  if (trust.kind === "none") return { nothing: true };
  const ca = await world.files.read(trust.caFile);
  if (ca === undefined) {
    throw new PxrunError("USAGE", `there is no CA file ${trust.caFile}`, {
      hint: "PROXMOX_CA_FILE names it; a node keeps its own in /etc/pve/pve-root-ca.pem",
    });
  }
  return { ca: new TextDecoder().decode(ca) };
}
