import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { OnArrival } from "../../arrival.ts";
import type { Certificate } from "../../certificate.ts";
import type { Cluster } from "../state/cluster.ts";
import { type Answer, answerTo, type Incoming, paramsOf } from "./answer.ts";
import { WireError } from "./body.ts";
import { disturb, losesReply, oddReply } from "./faults.ts";
import { claimedBy } from "./login.ts";
import type { Params } from "./route.ts";

/** One request that came in, as it was understood. */
export interface RequestRecord {
  readonly method: string;
  /** Below /api2/json, as it was sent, without the query. */
  readonly path: string;
  /** Query of its URL, as an access log shows it. */
  readonly query: string;
  /** Empty when they were in no form that is understood. */
  readonly params: Params;
  /** Caller that it names, true or not. */
  readonly token: string | undefined;
  /** The status of the reply; 0 when the connection was dropped instead. */
  readonly status: number;
}

/** Options for listening. */
export interface RestOptions {
  readonly host: string;
  readonly port: number;
  /** Stands in front of /api2, as a reverse proxy may have it. */
  readonly pathPrefix: string;
  readonly certificate: Certificate;
  readonly onArrival?: OnArrival | undefined;
  readonly onRequest: (record: RequestRecord) => void;
}

/** The API, as long as it listens. */
export interface RestServer {
  readonly port: number;
  /** Ends every connection and listens no more, as pveproxy does when it restarts. */
  close(): Promise<void>;
  /** Listens again on the same port. */
  reopen(): Promise<void>;
}

/** Listens for the API over TLS. */
export async function startRestServer(
  cluster: Cluster,
  options: RestOptions,
): Promise<RestServer> {
  const { key, pem: cert } = options.certificate;
  let server: Server;
  const listen = async (port: number): Promise<void> => {
    server = createServer({ key, cert }, (request, response) => {
      serve(cluster, options, request, response).catch(() => request.socket.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, options.host, resolve);
    });
  };
  await listen(options.port);
  const address = server!.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    reopen: () => listen(port),
  };
}

async function serve(
  cluster: Cluster,
  { pathPrefix, onArrival, onRequest }: RestOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const incoming = await receive(request, `${pathPrefix}/api2/json`);
  const { method, pathname, path = pathname } = incoming;
  onArrival?.({ by: "REST", method, path });
  const disturbance = await disturb(cluster, method, path);
  const answer = disturbance === undefined
    ? await answerTo(cluster, incoming)
    : disturbance.kind === "drop"
    ? undefined
    : { ...disturbance, body: "", json: false };
  const odd = oddReply(cluster, method, path);
  const dropped = answer === undefined || losesReply(cluster, method, path);
  onRequest({
    method,
    path,
    query: incoming.query,
    params: understood(incoming),
    token: claimedBy(incoming.headers),
    status: dropped ? 0 : answer.status,
  });
  if (dropped) request.socket.destroy();
  else {
    const changed = odd === undefined ? {} : { status: 200, reason: "OK", body: odd };
    const date = new Date(cluster.clock.now()).toUTCString();
    send(response, { ...answer, ...changed }, method, date);
  }
}

/** Reads a request to its end. `api` is where the API begins. */
async function receive(request: IncomingMessage, api: string): Promise<Incoming> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = "GET", url = "/", headers } = request;
  const [pathname = "/", query = ""] = url.split("?", 2);
  const inside = pathname === api || pathname.startsWith(`${api}/`);
  return {
    method,
    pathname,
    path: inside ? pathname.slice(api.length).replace(/\/$/, "") || "/" : undefined,
    query,
    headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function understood(incoming: Incoming): Params {
  try {
    return paramsOf(incoming);
  } catch (error) {
    if (error instanceof WireError) return {};
    throw error;
  }
}

function send(response: ServerResponse, answer: Answer, method: string, date: string): void {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, answer.reason.split("\n")[0], {
    "Cache-Control": "max-age=0",
    "Pragma": "no-cache",
    "Server": "pve-api-daemon/3.0",
    "Date": date,
    "Expires": date,
    "Content-Length": `${bytes.length}`,
    ...(answer.json ? { "Content-Type": "application/json;charset=UTF-8" } : {}),
    ...(answer.status >= 400 ? { "Connection": "close" } : {}),
  });
  response.end(method === "HEAD" ? undefined : bytes);
}
