import { isIP } from "node:net";
import { connect as tlsConnect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { messageOf } from "../core/errors.ts";
import { Unreachable, Untrusted } from "./errors.ts";

/** How a node proves that it is the one that was meant. */
export type Trust =
  /** Its certificate has this SHA-256 fingerprint; nothing else about it counts. */
  | { readonly fingerprint: string }
  /** Its certificate names the host and was issued by this CA (PEM). */
  | { readonly ca: string }
  /** Its certificate names the host and was issued by a CA that this machine trusts. */
  | { readonly system: true };

/** Where to connect to, and for how long to try. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Milliseconds for name resolution, TCP and TLS together. */
  readonly connectTimeout: number;
}

/** `AA:BB…` in upper case from any spelling of a SHA-256 fingerprint; undefined when it is none. */
export function normalFingerprint(text: string): string | undefined {
  const digits = text.replaceAll(/[:\s]/g, "").toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits.match(/../g)?.join(":") : undefined;
}

/** Host and port as one writes them. */
export function placeOf({ host, port }: Endpoint): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/**
 * A TLS connection to a node that has proved itself: not a byte of a request
 * can have been written to it before.
 *
 * @param track Sees each socket as soon as it exists, so that its owner can end it.
 * @throws {Untrusted | Unreachable}
 */
export async function connectTrusted(
  endpoint: Endpoint,
  trust: Trust,
  track: (socket: TLSSocket) => void,
): Promise<TLSSocket> {
  if ("fingerprint" in trust) return await connectPinned(endpoint, trust.fingerprint, track);
  try {
    return await handshake(endpoint, "ca" in trust ? { ca: trust.ca } : {}, track);
  } catch (error) {
    if (!(error instanceof Untrusted)) throw error;
    throw new Untrusted(error.message, {
      cause: error.cause,
      hint: await pinningHint(endpoint, track),
    });
  }
}

async function connectPinned(
  endpoint: Endpoint,
  expected: string,
  track: (socket: TLSSocket) => void,
): Promise<TLSSocket> {
  const socket = await handshake(endpoint, { rejectUnauthorized: false }, track);
  const found = normalFingerprint(socket.getPeerCertificate().fingerprint256 ?? "");
  if (found !== undefined && found === normalFingerprint(expected)) return socket;
  socket.destroy();
  throw new Untrusted(
    `${placeOf(endpoint)} shows a certificate with the SHA-256 fingerprint ${found ?? "(none)"}, ` +
      `not the expected ${normalFingerprint(expected) ?? expected}; nothing was sent to it`,
    {
      hint: "if the certificate was renewed, compare with pvenode cert info on the node " +
        "and change the fingerprint",
    },
  );
}

/** Says which fingerprint one could pin, by looking at the certificate and nothing else. */
async function pinningHint(
  endpoint: Endpoint,
  track: (socket: TLSSocket) => void,
): Promise<string> {
  try {
    const socket = await handshake(endpoint, { rejectUnauthorized: false }, track);
    const fingerprint = socket.getPeerCertificate().fingerprint256;
    socket.destroy();
    return `if pvenode cert info on the node shows the same: PROXMOX_FINGERPRINT=${fingerprint}`;
  } catch {
    return "give its SHA-256 fingerprint (pvenode cert info on the node) or its CA";
  }
}

function handshake(
  endpoint: Endpoint,
  options: ConnectionOptions,
  track: (socket: TLSSocket) => void,
): Promise<TLSSocket> {
  const { host, port, connectTimeout } = endpoint;
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host, port, servername: isIP(host) ? "" : host, ...options });
    track(socket);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => {
      fail(unreachable(endpoint, `no connection within ${connectTimeout / 1000} s`, false));
      socket.destroy();
    }, connectTimeout);
    // Stays for good: an error of an idle connection must not end the process.
    socket.on("error", (error) => fail(explain(endpoint, error)));
    socket.once("close", () => fail(unreachable(endpoint, "the connection was closed", true)));
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/;
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name could not be resolved",
  ECONNRESET: "the connection was closed before TLS was agreed on",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ETIMEDOUT: "no answer",
};

function explain(endpoint: Endpoint, error: Error): Unreachable | Untrusted {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (UNTRUSTED.test(code)) {
    return new Untrusted(
      `the certificate of ${placeOf(endpoint)} is not trusted: ${messageOf(error)}`,
      { cause: error },
    );
  }
  if (code.startsWith("ERR_SSL")) {
    return unreachable(endpoint, "no TLS is spoken there", false, error);
  }
  return unreachable(endpoint, WORDS[code] ?? messageOf(error), code !== "ENOTFOUND", error);
}

function unreachable(
  endpoint: Endpoint,
  why: string,
  transient: boolean,
  cause?: unknown,
): Unreachable {
  return new Unreachable(`cannot reach ${placeOf(endpoint)}: ${why}`, {
    transient,
    sent: false,
    cause,
    hint: "check host and port (8006 unless a proxy is in front), and that the node is up",
  });
}
