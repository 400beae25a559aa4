import { isIP } from "node:net";
import { connect as tlsConnect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Duplex } from "node:stream";
import { messageOf } from "../../core/errors.ts";
import { quoted } from "../../core/problem.ts";
import { type SeenCertificate, Unreachable, Untrusted } from "./errors.ts";

/** Proof that a node is the one that was meant. */
export type Trust =
  /** Its certificate has this SHA-256 fingerprint; nothing else about it counts. */
  | { readonly fingerprint: string }
  /** Its certificate names the host and was issued by this CA (PEM). */
  | { readonly ca: string }
  /** Its certificate names the host and was issued by a CA that this machine trusts. */
  | { readonly system: true }
  /** Not at all: any server that answers is believed. */
  | { readonly nothing: true };

/** Sees a stream as soon as it exists, so that its owner can end it. */
export type Track = (stream: Duplex) => void;

/**
 * Opens the stream that TLS then runs in, instead of a TCP connection to the
 * host: through a proxy, or through SSH.
 *
 * @param track Sees what is opened on the way.
 * @param late Aborted when it has taken too long.
 */
export type Dial = (track: Track, late: AbortSignal) => Promise<Duplex>;

/** Address to connect to, and the time limit. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Milliseconds for name resolution, TCP and TLS together. */
  readonly connectTimeout: number;
  /** Absent: TCP straight to host and port. */
  readonly dial?: Dial | undefined;
}

/** `AA:BB…` in upper case from any spelling of a SHA-256 fingerprint; undefined when it is none. */
export function normalFingerprint(text: string): string | undefined {
  const digits = text.replaceAll(/[:\s]/g, "").toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits.match(/../g)?.join(":") : undefined;
}

/** Host and port as one writes them. */
export function placeOf({ host, port }: Pick<Endpoint, "host" | "port">): string {
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
  track: Track,
): Promise<TLSSocket> {
  if ("fingerprint" in trust) return await connectPinned(endpoint, trust.fingerprint, track);
  if ("nothing" in trust) return await handshake(endpoint, { rejectUnauthorized: false }, track);
  try {
    return await handshake(endpoint, "ca" in trust ? { ca: trust.ca } : {}, track);
  } catch (error) {
    if (!(error instanceof Untrusted)) throw error;
    const seen = await look(endpoint, messageOf(error.cause), track);
    throw new Untrusted(error.message, {
      cause: error.cause,
      hint: seen === undefined
        ? "give its SHA-256 fingerprint (pvenode cert info on the node) or its CA"
        : `if pvenode cert info on the node shows the same: PROXMOX_FINGERPRINT=${seen.fingerprint}`,
      // A CA that is named decides; the user is not asked.
      seen: "system" in trust ? seen : undefined,
    });
  }
}

async function connectPinned(
  endpoint: Endpoint,
  expected: string,
  track: Track,
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

/** Looks at the certificate and does nothing else; undefined when there is none to see. */
async function look(
  endpoint: Endpoint,
  why: string,
  track: Track,
): Promise<SeenCertificate | undefined> {
  try {
    const socket = await handshake(endpoint, { rejectUnauthorized: false }, track);
    const { fingerprint256, subject } = socket.getPeerCertificate();
    socket.destroy();
    const fingerprint = normalFingerprint(fingerprint256 ?? "");
    if (fingerprint === undefined) return undefined;
    const names = Object.entries(subject ?? {}).map(([name, value]) => `${name}=${value}`);
    return { place: placeOf(endpoint), fingerprint, subject: quoted(names.join(", "), 120), why };
  } catch {
    return undefined;
  }
}

function handshake(
  endpoint: Endpoint,
  options: ConnectionOptions,
  track: Track,
): Promise<TLSSocket> {
  const { host, port, connectTimeout, dial } = endpoint;
  return new Promise((resolve, reject) => {
    const late = new AbortController();
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    let timer = setTimeout(() => {
      const error = unreachable(endpoint, `no connection within ${connectTimeout / 1000} s`, false);
      late.abort(error);
      // What was being opened on the way knows better what does not answer.
      timer = setTimeout(() => fail(error));
    }, connectTimeout);
    const begin = (way: ConnectionOptions): void => {
      const socket = tlsConnect({
        ...way,
        servername: isIP(host) ? "" : host,
        // Said here, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would decide it.
        rejectUnauthorized: true,
        ...options,
      });
      track(socket);
      late.signal.addEventListener("abort", () => {
        fail(late.signal.reason);
        socket.destroy();
      });
      // Stays for good: an error of an idle connection must not end the process.
      socket.on("error", (error) => fail(explain(endpoint, error)));
      socket.once("close", () => fail(unreachable(endpoint, "the connection was closed", true)));
      socket.once("secureConnect", () => {
        clearTimeout(timer);
        socket.setNoDelay(true);
        resolve(socket);
      });
    };
    if (dial === undefined) begin({ host, port });
    else {
      dial(track, late.signal).then((stream) => {
        if (late.signal.aborted) stream.destroy();
        else begin({ socket: stream });
      }).catch(fail);
    }
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

/** A network error as the reason why a host cannot be reached. */
export function explain(
  endpoint: Pick<Endpoint, "host" | "port">,
  error: Error,
): Unreachable | Untrusted {
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

/** There is no connection. */
export function unreachable(
  endpoint: Pick<Endpoint, "host" | "port">,
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
