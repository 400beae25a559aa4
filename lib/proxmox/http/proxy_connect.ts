import { Buffer } from "node:buffer";
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import { messageOf, PxrunError } from "../../core/errors.ts";
import { Unreachable } from "./errors.ts";
import type { Proxy, Target } from "./proxy.ts";
import { type Dial, placeOf } from "./tls_connect.ts";

/** No proxy answers CONNECT with more than this. */
const LONGEST_HEAD = 16_384;

/**
 * Reaches an address by asking a proxy for a tunnel to it. What then runs
 * through the tunnel is TLS with the node: the proxy sees none of it.
 */
export function throughProxy(proxy: Proxy, target: Target): Dial {
  return async (track, late) => {
    const socket = open(proxy);
    track(socket);
    try {
      await established(socket, proxy, late);
      socket.write(connectRequest(proxy, target));
      const { status, reason } = await readHead(socket, proxy, late);
      if (status < 200 || status > 299) throw refused(proxy, target, status, reason);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  };
}

function open({ host, port, tls }: Proxy): Duplex {
  if (!tls) return connect({ host, port });
  // Said here, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would decide it.
  return tlsConnect({ host, port, servername: isIP(host) ? "" : host, rejectUnauthorized: true });
}

function connectRequest({ authorization }: Proxy, target: Target): string {
  const place = placeOf(target);
  const login = authorization && `Proxy-Authorization: ${authorization.reveal()}\r\n`;
  return `CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${login ?? ""}\r\n`;
}

function established(socket: Duplex, proxy: Proxy, late: AbortSignal): Promise<void> {
  return orLost(socket, proxy, late, (resolve) => {
    socket.once(proxy.tls ? "secureConnect" : "connect", () => resolve());
  });
}

/** Reads the reply's head, byte for byte: what comes after it belongs to the tunnel. */
function readHead(
  socket: Duplex,
  proxy: Proxy,
  late: AbortSignal,
): Promise<{ status: number; reason: string }> {
  let seen = Buffer.alloc(0);
  let read: (chunk: Uint8Array) => void = () => {};
  return orLost<{ status: number; reason: string }>(socket, proxy, late, (resolve, reject) => {
    read = (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0 && seen.length <= LONGEST_HEAD) return;
      const [, status, reason = ""] =
        /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)/.exec(seen.toString("latin1")) ?? [];
      if (end < 0 || status === undefined) return reject(lost(proxy, "it speaks no HTTP"));
      socket.off("data", read).pause();
      if (seen.length > end + 4) socket.unshift(seen.subarray(end + 4));
      resolve({ status: Number(status), reason: reason.replaceAll(/[^ -~]/g, "?") });
    };
    socket.on("data", read);
  }).finally(() => socket.off("data", read));
}

/** Waits for something that a broken connection, or its owner, may put an end to. */
function orLost<T>(
  socket: Duplex,
  proxy: Proxy,
  late: AbortSignal,
  wait: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const failed = (error: Error): void => reject(lost(proxy, messageOf(error), error));
  const closed = (): void => reject(lost(proxy, "it closed the connection"));
  const tooLate = (): void => reject(lost(proxy, "it did not answer in time"));
  socket.on("error", failed).once("close", closed);
  late.addEventListener("abort", tooLate, { once: true });
  wait(resolve, reject);
  return promise.finally(() => {
    socket.off("close", closed);
    late.removeEventListener("abort", tooLate);
  });
}

function nameOf(proxy: Proxy): string {
  return `the proxy ${proxy.tls ? "https" : "http"}://${placeOf(proxy)}`;
}

const HINT = "HTTPS_PROXY names it; NO_PROXY=host exempts a host";

function lost(proxy: Proxy, why: string, cause?: Error): Unreachable {
  return new Unreachable(`cannot connect by ${nameOf(proxy)}: ${why}`, {
    transient: false,
    sent: false,
    cause,
    hint: HINT,
  });
}

function refused(proxy: Proxy, target: Target, status: number, reason: string): PxrunError {
  const why = `${nameOf(proxy)} does not lead to ${placeOf(target)}: ${status} ${reason}`.trim();
  if (status === 407) {
    return new PxrunError("UNAUTHORIZED", `${nameOf(proxy)} wants a login: ${status} ${reason}`, {
      hint: "write it into the URL: HTTPS_PROXY=http://user:password@proxy.example:3128",
    });
  }
  return new Unreachable(why, { transient: status >= 502, sent: false, hint: HINT });
}
