import { Slots } from "../../core/concurrency.ts";
import { limits } from "../../core/limits.ts";
import { untilAborted } from "../../core/within.ts";
import { PxrunError } from "../../core/errors.ts";
import { type Timeouts, usualTimeouts } from "../../core/limits.ts";
import { type SeenCertificate, Untrusted } from "./errors.ts";
import { exchange } from "./exchange.ts";
import { type Dial, normalFingerprint, placeOf, type Trust } from "./tls_connect.ts";
import { trustedPool } from "./tls_pool.ts";
import type { ByteReply, ByteRequest, ByteTransport } from "./transport.ts";

/** Address of the API, and the proof of its node. Times are in milliseconds. */
export interface TlsOptions {
  /** `https://host:8006`, or a proxy's URL with any port and path prefix. */
  readonly baseUrl: string;
  readonly trust: Trust;
  /** Opens the stream that TLS runs in; absent: TCP straight to the host. */
  readonly dial?: Dial | undefined;
  /**
   * Asked once when nobody vouches for the certificate, before anything is
   * sent; a yes goes on with exactly this one. Absent: it is refused.
   */
  readonly confirm?: ((seen: SeenCertificate) => Promise<boolean>) | undefined;
  /** For a request, from the call to the reply's last byte. */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Time for which an unused connection is kept: less than the 5 s after which a node closes it. */
  readonly idleTimeout?: number;
}

/**
 * HTTPS straight to a node (or to a proxy in front of it), on connections that
 * are kept and shared.
 *
 * @throws {PxrunError} USAGE when the URL or the fingerprint cannot be one.
 */
export function tlsTransport(options: TlsOptions): ByteTransport {
  const { idleTimeout = 3_000 } = options;
  const timeouts = { ...usualTimeouts, ...options.timeouts };
  const { host, port, prefix } = parseBaseUrl(options.baseUrl);
  const endpoint = { host, port, connectTimeout: timeouts.connect, dial: options.dial };
  checkTrust(options.trust);
  const pool = trustedPool(endpoint, options.trust, idleTimeout);
  // An agent's own `maxSockets` does not count connections that are still being made.
  const slots = new Slots(limits.api.connections);
  let confirmed: Promise<void> | undefined;

  function send(request: ByteRequest): Promise<ByteReply> {
    return exchange(request, {
      http: { agent: pool.agent, host, port, path: prefix + request.path },
      place: placeOf(endpoint),
      timeout: request.method === "GET" ? timeouts.read : timeouts.write,
    });
  }

  async function confirm(error: Untrusted): Promise<void> {
    const { seen } = error;
    if (seen === undefined || !await options.confirm?.(seen)) throw error;
    pool.trust = { fingerprint: seen.fingerprint };
  }

  /** The question stands between two tries, so that thinking it over is no timeout. */
  async function sendAsking(request: ByteRequest): Promise<ByteReply> {
    try {
      return await send(request);
    } catch (error) {
      if (!(error instanceof Untrusted) || error.seen === undefined) throw error;
      confirmed ??= confirm(error);
      await untilAborted(confirmed, request.signal);
      return await send(request);
    }
  }

  return {
    request: (request) => slots.run(() => sendAsking(request)),
    close: pool.close,
  };
}

function parseBaseUrl(text: string): { host: string; port: number; prefix: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:") {
    throw new PxrunError(
      "USAGE",
      "the address of the Proxmox API is not an https:// URL",
      {
        hint: "it looks like https://pve01.example:8006, or https://proxy.example/prefix",
      },
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 443 : Number(url.port),
    // People paste the address of the API itself as well.
    prefix: url.pathname.replace(/(?:\/api2\/json)?\/*$/, ""),
  };
}

function checkTrust(trust: Trust): void {
  if ("fingerprint" in trust && normalFingerprint(trust.fingerprint) === undefined) {
    throw new PxrunError("USAGE", "the fingerprint is not one of SHA-256", {
      hint: "32 pairs of hex digits, as pvenode cert info prints them",
    });
  }
}
