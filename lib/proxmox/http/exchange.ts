import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { messageOf, PxrunError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { Kept } from "../../core/bytes.ts";
import { Unreachable } from "./errors.ts";
import type { ByteReply, ByteRequest } from "./transport.ts";

/** Options for one exchange besides the request. */
export interface ExchangeOptions {
  /** Agent, host, port and path prefix as node:https takes them. */
  readonly http: RequestOptions;
  /** Address of the server, for errors: `pve01:8006`. */
  readonly place: string;
  /** Milliseconds from the call to the reply's last byte. */
  readonly timeout: number;
}

/**
 * Sends one request and reads its whole reply. Whatever ends it early (an
 * abort, the timeout, a dropped connection) also ends its connection.
 */
export function exchange(request: ByteRequest, options: ExchangeOptions): Promise<ByteReply> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let sent = false;
    const outgoing = httpsRequest({
      ...options.http,
      method: request.method,
      headers: { ...request.headers },
    });
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      act();
    };
    const giveUp = (error: unknown): void => {
      settle(() => reject(error));
      outgoing.destroy();
    };
    const abort = (): void => giveUp(signal?.reason);
    const fail = (error: Error): void => giveUp(explain(error, request, options, sent));
    const timer = setTimeout(() => {
      giveUp(noReply(request, options, sent, `no answer within ${options.timeout / 1000} s`));
    }, options.timeout);
    signal?.addEventListener("abort", abort);
    outgoing.once("socket", () => sent = true);
    outgoing.on("error", fail);
    outgoing.once("response", (incoming) => {
      readReply(incoming, options.place).then((reply) => settle(() => resolve(reply)), fail);
    });
    outgoing.end(request.body);
  });
}

function readReply(incoming: IncomingMessage, place: string): Promise<ByteReply> {
  return new Promise((resolve, reject) => {
    const kept = new Kept(`the reply of ${place}`, limits.bytes.reply);
    const brokeOff = (): void => reject(new Error("the reply broke off"));
    incoming.on("data", (chunk: Uint8Array) => {
      try {
        kept.take(chunk);
      } catch (error) {
        reject(error);
        // Nothing more is taken from it.
        incoming.destroy();
      }
    });
    incoming.once("error", brokeOff);
    incoming.once("close", brokeOff);
    incoming.once("end", () => {
      resolve({
        status: incoming.statusCode ?? 0,
        reason: incoming.statusMessage ?? "",
        headers: plain(incoming.headers),
        body: kept.bytes(),
      });
    });
  });
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]),
  );
}

/** An error of the connection's own making is passed on; one of node:https gets words. */
function explain(
  error: Error,
  request: ByteRequest,
  options: ExchangeOptions,
  sent: boolean,
): PxrunError {
  return error instanceof PxrunError
    ? error
    : noReply(request, options, sent, `the connection was lost (${messageOf(error)})`, error);
}

function noReply(
  { method, path }: ByteRequest,
  { place }: ExchangeOptions,
  sent: boolean,
  why: string,
  cause?: Error,
): Unreachable {
  const written = sent && method !== "GET";
  return new Unreachable(`no reply from ${place} to ${method} ${path.split("?")[0]}: ${why}`, {
    transient: true,
    sent,
    cause,
    hint: written
      ? "it may have been carried out anyway: check before you repeat it"
      : "check that the node is up and the network works",
  });
}
