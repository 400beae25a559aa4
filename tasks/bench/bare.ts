import { Agent, request } from "node:https";
import type { Simulator } from "../../sim/mod.ts";

/** Requests over one connection, with nothing around them. */
export interface Bare extends Disposable {
  /** Sends one and gives its data. */
  call(method: string, path: string, params?: Readonly<Record<string, string>>): Promise<unknown>;
}

/** Opens no connection before the first request. */
export function bare({ url, caPem, token }: Simulator): Bare {
  const agent = new Agent({ ca: caPem, keepAlive: true });
  const headers = { Authorization: `PVEAPIToken=${token.id}=${token.secret}` };
  return {
    call: (method, path, params) =>
      new Promise((resolve, reject) => {
        const body = params && new URLSearchParams(params).toString();
        const form = body !== undefined && {
          "Content-Type": "application/x-www-form-urlencoded",
          "Content-Length": body.length,
        };
        const options = { method, agent, headers: { ...headers, ...form } };
        request(`${url}/api2/json${path}`, options, (reply) => {
          let text = "";
          reply.setEncoding("utf8").on("data", (chunk) => text += chunk).on("end", () => {
            if (reply.statusCode === 200) resolve(JSON.parse(text).data);
            else reject(new Error(`${method} ${path}: ${reply.statusCode} ${text}`));
          });
        }).on("error", reject).end(body);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
