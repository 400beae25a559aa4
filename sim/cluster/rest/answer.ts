import type { IncomingHttpHeaders } from "node:http";
import type { Cluster } from "../state/cluster.ts";
import { failed, PveError } from "../state/error.ts";
import { pause } from "../state/time.ts";
import { bodyParams, formParams, WireError } from "./body.ts";
import { dispatch } from "./call.ts";
import { authenticate } from "./login.ts";
import type { Method, Params, Reply } from "./route.ts";

/** A request as it was read off the wire. */
export interface Incoming {
  readonly method: string;
  /** Of the URL, without the query. */
  readonly pathname: string;
  /** Below /api2/json, `/` for its root; undefined outside of it. */
  readonly path: string | undefined;
  /** Behind the `?`. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Reply as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  readonly json: boolean;
}

/** The parameters of a request, in its query and in its body. */
export function paramsOf({ method, query, headers, body }: Incoming): Params {
  const inBody = method === "POST" || method === "PUT";
  return {
    ...formParams(query),
    ...(inBody ? bodyParams(headers["content-type"], body) : {}),
  };
}

/** Answers a request as Proxmox's HTTP server and the API behind it do. */
export async function answerTo(cluster: Cluster, incoming: Incoming): Promise<Answer> {
  try {
    const { method, path } = checkWire(incoming);
    const who = authenticate(cluster, method, incoming.headers);
    return replyAnswer(await dispatch(cluster, who, { method, path, params: paramsOf(incoming) }));
  } catch (error) {
    if (cluster.closing.signal.aborted) throw error;
    const refusal = error instanceof PveError ? error : failed(`internal error: ${error}`);
    if (refusal.status === 401) await pause(cluster, cluster.timings.authFailureMs);
    return errorAnswer(refusal, incoming.path);
  }
}

/** Refuses what Proxmox's HTTP server does not take. */
function checkWire(incoming: Incoming): { method: Method; path: string } {
  const { method, path, pathname, body, headers } = incoming;
  if (method !== "GET" && method !== "POST" && method !== "PUT" && method !== "DELETE") {
    throw new WireError(501, `method '${method}' not available`);
  }
  if (headers["transfer-encoding"] !== undefined) {
    throw new WireError(501, "chunked transfer encoding not supported");
  }
  if (path === undefined) throw new WireError(500, `no such file '${pathname}'`);
  if (body !== "" && (method === "GET" || method === "DELETE")) {
    throw new WireError(501, `Unexpected content for method '${method}'`);
  }
  return { method, path };
}

function replyAnswer({ data, beside, text }: Reply): Answer {
  const ok = { status: 200, reason: "OK" };
  if (text !== undefined) return { ...ok, body: text, json: false };
  return { ...ok, body: JSON.stringify({ data, ...beside }), json: true };
}

function errorAnswer(error: PveError, path: string | undefined): Answer {
  const { status, message, errors } = error;
  const head = { status, reason: message };
  if (error instanceof WireError) {
    const lined = status === 500 ? `${message}\n` : message;
    return { ...head, body: message.startsWith("method ") ? "" : lined, json: false };
  }
  const empty = status === 595 || (status === 401 && path !== "/access/ticket");
  if (empty) return { ...head, body: "", json: false };
  const line = status === 501 ? message : `${message}\n`;
  return { ...head, body: JSON.stringify({ data: null, message: line, errors }), json: true };
}
