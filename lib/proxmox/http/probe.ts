import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { untilAborted } from "../../core/within.ts";
import { connectTrusted, type Endpoint, explain, type Trust, unreachable } from "./tls_connect.ts";

/**
 * The addresses of a host name.
 *
 * @throws {Unreachable} when it has none.
 */
export async function addressesOf(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<string[]> {
  signal.throwIfAborted();
  try {
    const found = await untilAborted(lookup(host, { all: true }), signal);
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    signal.throwIfAborted();
    throw explain({ host, port }, error instanceof Error ? error : new Error(String(error)));
  }
}

/**
 * True if something listens on a port: connects, and hangs up.
 *
 * @throws {Unreachable} when nothing does.
 */
export function knock(
  place: Pick<Endpoint, "host" | "port">,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { host, port } = place;
    const socket = connect({ host, port });
    let error: unknown = unreachable(place, "the connection was closed", true);
    let reached = false;
    const stop = (): void => {
      error = signal.reason;
      socket.destroy();
    };
    signal.addEventListener("abort", stop, { once: true });
    socket.on("error", (cause) => error = explain(place, cause));
    socket.once("connect", () => {
      reached = true;
      socket.destroy();
    });
    // Nothing of it is left when the answer is there.
    socket.once("close", () => {
      signal.removeEventListener("abort", stop);
      if (reached) resolve();
      else reject(error);
    });
    if (signal.aborted) stop();
  });
}

/** Parts of a certificate. */
export interface CertificateFacts {
  /** SHA-256, `AA:BB…`. */
  readonly fingerprint: string;
  /** Time when it ends, in milliseconds since the epoch. */
  readonly validTo: number;
}

/**
 * Makes a TLS connection as every request does, looks at the certificate, and hangs up.
 *
 * @throws {Untrusted | Unreachable}
 */
export async function seeCertificate(
  endpoint: Endpoint,
  trust: Trust,
  signal: AbortSignal,
): Promise<CertificateFacts> {
  const streams = new Set<Duplex>();
  const ended: Promise<void>[] = [];
  const track = (stream: Duplex): void => {
    streams.add(stream);
    ended.push(new Promise((resolve) => stream.once("close", () => resolve())));
  };
  try {
    const socket = await untilAborted(connectTrusted(endpoint, trust, track), signal);
    const { fingerprint256 = "", valid_to } = socket.getPeerCertificate();
    return { fingerprint: fingerprint256, validTo: Date.parse(valid_to) };
  } finally {
    for (const stream of streams) stream.destroy();
    await Promise.all(ended);
  }
}
