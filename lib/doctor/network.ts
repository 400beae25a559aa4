import { limits } from "../core/limits.ts";
import { isIP } from "node:net";
import type { Settings } from "../config/settings.ts";
import { apiPlace, readTrust } from "../cluster/direct_transport.ts";
import { within } from "../core/within.ts";
import type { Platform } from "../core/platform.ts";
import {
  addressesOf,
  type CertificateFacts,
  knock,
  seeCertificate,
} from "../proxmox/http/probe.ts";
import { placeOf } from "../proxmox/http/tls_connect.ts";
import { failedBy, type Finding, ok, warning } from "./finding.ts";

/** Days before its end at which a certificate is reported: a node renews its own then. */
const SOON = 14;

const DAY = 86_400_000;

/**
 * Looks at the way to the API: name, port, certificate. Nothing is sent to it.
 *
 * @returns Whether one gets there, to the right one.
 */
export async function* checkNetwork(
  platform: Platform,
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<Finding, boolean> {
  const { clock } = platform;
  const place = apiPlace(platform, settings);
  const { dial, proxy } = place;
  const first = proxy ?? place;
  const whose = proxy === undefined ? "" : "the proxy ";
  const check = "see PROXMOX_HOST: host, host:port or an https:// URL";
  const unreached = (name: string, error: unknown): Finding => {
    const finding = failedBy(
      name,
      error,
      signal,
      `is the node up, and no firewall between? ${check}`,
    );
    return proxy === undefined ? finding : {
      ...finding,
      message: `the proxy of HTTPS_PROXY: ${finding.message}`,
      remedy: `correct HTTPS_PROXY; NO_PROXY=${place.host} goes past it`,
    };
  };
  if (isIP(first.host) === 0) {
    try {
      const found = await within(
        { clock, ms: limits.doctor.network, what: `looking up ${first.host}`, signal },
        (late) => addressesOf(first.host, first.port, late),
      );
      yield ok("dns", `${whose}${first.host} is ${found.join(", ")}`);
    } catch (error) {
      yield unreached("dns", error);
      return false;
    }
  }
  try {
    await within(
      { clock, ms: limits.doctor.network, what: `connecting to ${whose}${placeOf(first)}`, signal },
      (late) => knock(first, late),
    );
    yield ok("tcp", `${whose}${placeOf(first)} answers`);
  } catch (error) {
    yield unreached("tcp", error);
    return false;
  }
  try {
    const trust = await readTrust(platform, settings);
    const endpoint = {
      host: place.host,
      port: place.port,
      dial,
      connectTimeout: limits.doctor.network,
    };
    yield certificate(await seeCertificate(endpoint, trust, signal), settings, clock.now());
    return true;
  } catch (error) {
    yield failedBy("tls", error, signal, check);
    return false;
  }
}

function certificate(
  { fingerprint, validTo }: CertificateFacts,
  { trust }: Settings,
  now: number,
): Finding {
  if (trust.kind === "none") {
    return warning(
      "tls",
      "the certificate is not checked (PROXMOX_VERIFY_SSL=false)",
      `unset it; if \`pvenode cert info\` on the node shows the same: PROXMOX_FINGERPRINT=${fingerprint}`,
    );
  }
  const how = trust.kind === "fingerprint"
    ? `it is the pinned one, ${fingerprint.slice(0, 11)}…`
    : trust.kind === "ca"
    ? `vouched for by the CA in ${trust.caFile}`
    : "vouched for by a CA that this machine trusts";
  const days = Math.floor((validTo - now) / DAY);
  const date = new Date(validTo).toISOString().slice(0, 10);
  if (days >= SOON) return ok("tls", `${how}; valid until ${date}`);
  const pinned = trust.kind === "fingerprint"
    ? "; then the pinned fingerprint changes too: PROXMOX_CA_FILE=/etc/pve/pve-root-ca.pem, " +
      "copied from a node, outlives it"
    : "";
  return warning(
    "tls",
    `${how}; the certificate ${days < 0 ? `has expired on ${date}` : `ends on ${date}`}`,
    "on the node: `pvecm updatecerts --force` makes a new one (or renew your own: " +
      `\`pvenode acme cert renew\`)${pinned}`,
  );
}
