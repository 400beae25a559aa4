import { Agent, request } from "node:https";
import { connect as connectPlain } from "node:net";
import { connect } from "node:tls";
import type { Comparable } from "./compare.ts";

/** Where the simulator listens. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
}

/** One request to send. */
export interface Outgoing {
  readonly method: string;
  /** With its query, below /api2/json. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** An agent that keeps connections and trusts the simulator's certificate only. */
export function makeAgent({ ca }: Target): Agent {
  return new Agent({ ca, keepAlive: true });
}

/** Sends one request over TLS. */
export function exchange(target: Target, agent: Agent, outgoing: Outgoing): Promise<Comparable> {
  return new Promise((resolve, reject) => {
    const { method, headers, body } = outgoing;
    const sent = request({
      host: target.host,
      port: target.port,
      path: `/api2/json${outgoing.path}`,
      method,
      agent,
      headers: {
        ...headers,
        ...(body === undefined
          ? {}
          : { "Content-Length": `${new TextEncoder().encode(body).length}` }),
      },
    }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
        const type = `${response.headers["content-type"]}`;
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          body: type.startsWith("application/json") ? JSON.parse(text) : text || undefined,
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Sends bytes as they are, and reads until the other side ends. */
export function exchangeRaw(target: Target, bytes: string, plain: boolean): Promise<Comparable> {
  return new Promise((resolve, reject) => {
    const { host, port, ca } = target;
    const socket = plain ? connectPlain({ host, port }) : connect({ host, port, ca });
    let text = "";
    socket.on("data", (chunk: Uint8Array) => text += new TextDecoder().decode(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(parseRaw(text)));
    socket.write(bytes);
  });
}

/** A raw HTTP response, taken apart. */
export function parseRaw(text: string): Comparable {
  const [head = "", body = ""] = text.split("\r\n\r\n", 2);
  const [, status = "0", reason = ""] = /^HTTP\/1\.\d (\d+) ?([^\r]*)/.exec(head) ?? [];
  const isJson = /^content-type: application\/json/im.test(head);
  return {
    status: Number(status),
    reason,
    body: isJson ? JSON.parse(body) : body || undefined,
  };
}
