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
import { type Finding, findingsOf, inOrder } from "./finding.ts";

/** Days before its end at which a certificate is reported: a node renews its own then. */
const SOON = 14;

const DAY = 86_400_000;

/**
 * Checks the route to the API: name, port, certificate. Nothing is sent to it.
 *
 * @returns True if it leads to the API, and to the right one.
 */
export function checkNetwork(
  platform: Platform,
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<Finding, boolean> {
  const { clock } = platform;
  const place = apiPlace(platform, settings);
  const { host, port, dial, proxy } = place;
  const first = proxy ?? place;
  const whose = proxy === undefined ? "" : "the proxy ";
  const see = "see PROXMOX_HOST: host, host:port or an https:// URL";
  const ms = limits.doctor.network;
  /** The finding of one part of the route, with the time limit of each. */
  const part = async (
    check: string,
    what: string,
    act: (late: AbortSignal) => Promise<string>,
  ): Promise<Finding> => {
    const { ok, failedBy } = findingsOf(check);
    try {
      return ok(await within({ clock, ms, what, signal }, act));
    } catch (error) {
      const help = `is the node up, and no firewall between? ${see}`;
      const finding = failedBy(error, signal, help);
      return proxy === undefined ? finding : {
        ...finding,
        message: `the proxy of HTTPS_PROXY: ${finding.message}`,
        remedy: `correct HTTPS_PROXY; NO_PROXY=${host} goes past it`,
      };
    }
  };
  const name = () =>
    part("dns", `looking up ${first.host}`, async (late) => {
      const found = await addressesOf(first.host, first.port, late);
      return `${whose}${first.host} is ${found.join(", ")}`;
    });
  const tcp = () =>
    part("tcp", `connecting to ${whose}${placeOf(first)}`, async (late) => {
      await knock(first, late);
      return `${whose}${placeOf(first)} answers`;
    });
  const tls = async (): Promise<Finding> => {
    try {
      const trust = await readTrust(platform, settings);
      const seen = await seeCertificate({ host, port, dial, connectTimeout: ms }, trust, signal);
      return certificate(seen, settings, clock.now());
    } catch (error) {
      return findingsOf("tls").failedBy(error, signal, see);
    }
  };
  return inOrder([...isIP(first.host) === 0 ? [name] : [], tcp, tls]);
}

function certificate(
  { fingerprint, validTo }: CertificateFacts,
  { trust }: Settings,
  now: number,
): Finding {
  const { ok, warning } = findingsOf("tls");
  if (trust.kind === "none") {
    return warning(
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
  if (days >= SOON) return ok(`${how}; valid until ${date}`);
  const pinned = trust.kind === "fingerprint"
    ? "; then the pinned fingerprint changes too: PROXMOX_CA_FILE=/etc/pve/pve-root-ca.pem, " +
      "copied from a node, outlives it"
    : "";
  const end = days < 0 ? "has expired on" : "ends on";
  return warning(
    `${how}; the certificate ${end} ${date}`,
    "on the node: `pvecm updatecerts --force` makes a new one (or renew your own: " +
      `\`pvenode acme cert renew\`)${pinned}`,
  );
}
