import { makeDir } from "../unix/os/tree.ts";
import { Agent, request } from "node:https";
import { demoPreset } from "../demo.ts";
import type { Simulator } from "../mod.ts";
import { callApi } from "../cluster/rest/call.ts";
import type { Method, Params } from "../cluster/rest/route.ts";
import type { Cluster } from "../cluster/state/cluster.ts";
import type { Who } from "../cluster/state/who.ts";
import { type Behaviour, makeCluster } from "../cluster/state/make.ts";
import { waitTask } from "../cluster/state/tasks.ts";
import type { Task } from "../cluster/state/cluster.ts";

/** The token that the tests call with, where it does not matter which. */
export const TESTER: Who = { user: "root@pam", token: "pxrun" };

/** Parameters of a create that works on the demo cluster. */
export const GOOD_CREATE: Params = {
  vmid: "100",
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  hostname: "web",
  rootfs: "local-lvm:4",
  net0: "name=eth0,bridge=vmbr0,ip=dhcp",
  features: "nesting=1",
  unprivileged: "1",
};

/** The demo cluster without a server; its containers hold files and no programs. */
export function testCluster(behaviour: Partial<Behaviour> = {}): Cluster {
  return makeCluster(demoPreset(), {
    makeGuest: () => {
      const files = new Map<string, Uint8Array>();
      return Promise.resolve({
        exec: () => Promise.resolve(127),
        read: (path) => Promise.resolve(files.get(path)),
        write: (path, data) => Promise.resolve(void files.set(path, data)),
        root: () => makeDir(),
        stop: () => {},
        argvs: [],
      });
    },
    ...behaviour,
  });
}

/** Calls the API and waits for the task that this starts. */
export async function callAndWait(
  cluster: Cluster,
  method: Method,
  path: string,
  params: Params = {},
  who: Who = TESTER,
): Promise<Task> {
  return await waitTask(cluster, String(await callApi(cluster, who, method, path, params)));
}

/** Makes a container on the demo cluster, and starts it where asked. */
export async function makeCt(
  cluster: Cluster,
  params: Params = {},
  start = false,
): Promise<Task> {
  const create = { ...GOOD_CREATE, ...params };
  const task = await callAndWait(cluster, "POST", "/nodes/pve01/lxc", create);
  if (!start) return task;
  return await callAndWait(cluster, "POST", `/nodes/pve01/lxc/${create["vmid"]}/status/start`);
}

/** One reply as it came over the wire. */
export interface WireReply {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends one request over TLS; a token's header unless `headers` says otherwise. */
export function send(
  simulator: Simulator,
  method: string,
  path: string,
  { headers, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<WireReply> {
  const { id, secret } = simulator.token;
  const url = new URL(simulator.url);
  const agent = new Agent({ ca: simulator.caPem, keepAlive: false });
  return new Promise((resolve, reject) => {
    const sent = request({
      host: simulator.host,
      port: simulator.port,
      path: `${url.pathname.replace(/\/$/, "")}/api2/json${path}`,
      method,
      agent,
      headers: headers ?? { Authorization: `PVEAPIToken=${id}=${secret}` },
    }, (response) => {
      let text = "";
      response.on("data", (chunk: Uint8Array) => text += new TextDecoder().decode(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          headers: response.headers,
          text,
        }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
