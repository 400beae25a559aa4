import { basename } from "node:path";
import type { LxcLab } from "../../lab/mod.ts";
import { authority } from "../../support/certificate.ts";
import { until } from "../../support/until.ts";

/** The name by which Tailscale's clients know who runs their tailnet. */
export const CONTROL = "controlplane.tailscale.com";
/** The lab's node, as its containers see it. */
export const ADDRESS = "10.99.0.1";

/** One node of the tailnet, as headscale lists it. */
export interface Listed {
  readonly given_name: string;
  readonly ip_addresses: readonly string[];
  readonly online?: boolean;
}

/** A tailnet of a lab's own. */
export interface Headscale extends AsyncDisposable {
  /** PEM of who vouches for it. */
  readonly ca: string;
  /** A key that lets any number of nodes join. */
  readonly key: string;
  nodes(): Promise<readonly Listed[]>;
}

/** Starts headscale on the node of a lab, in the place of Tailscale's own servers. */
export async function startHeadscale({ node }: LxcLab): Promise<Headscale> {
  const ca = await authority();
  const certificate = await ca.issue({ hosts: [CONTROL] });
  const directory = `${node.directory}/headscale`;
  await Deno.mkdir(directory);
  const seen = `/run/lab/${basename(directory)}`;
  const file = (name: string, text: string): Promise<void> =>
    Deno.writeTextFile(`${directory}/${name}`, text);
  await file("cert.pem", certificate.cert);
  await file("key.pem", certificate.key);
  await file("config.yaml", config(seen));
  const serve = 'echo $$ >"$1/pid"; exec headscale -c "$1/config.yaml" serve';
  const server = node.spawn(["sh", "-c", serve, "sh", seen], {
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const log = new Response(server.stderr).text();
  const ask = async (...args: readonly string[]): Promise<unknown> => {
    const argv = ["headscale", "-c", `${seen}/config.yaml`, "-o", "json", ...args];
    return JSON.parse(await node.sh('exec "$@"', argv));
  };
  let ended = false;
  const status = server.status.finally(() => ended = true);
  const end = async (): Promise<void> => {
    if (!ended) await node.sh('kill "$(cat "$1/pid")"', [seen]);
    await Promise.all([status, log]);
  };
  try {
    await until("headscale", async () => {
      if (ended) throw new Error(`headscale does not start: ${await log}`);
      return await ask("users", "create", "lab").then(() => true, () => false);
    });
    const made = await ask("preauthkeys", "create", "--user", "1", "--reusable");
    const { key } = made as { readonly key: string };
    return {
      ca: ca.cert,
      key,
      nodes: async () => await ask("nodes", "list") as readonly Listed[],
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function config(directory: string): string {
  return JSON.stringify({
    server_url: `https://${CONTROL}`,
    listen_addr: `${ADDRESS}:443`,
    metrics_listen_addr: "127.0.0.1:9090",
    grpc_listen_addr: "127.0.0.1:50443",
    tls_cert_path: `${directory}/cert.pem`,
    tls_key_path: `${directory}/key.pem`,
    noise: { private_key_path: `${directory}/noise.key` },
    prefixes: { v4: "100.64.0.0/10", v6: "fd7a:115c:a1e0::/48", allocation: "sequential" },
    derp: {
      // None but its own, since no other is reached.
      server: {
        enabled: true,
        region_id: 999,
        region_code: "lab",
        region_name: "lab",
        stun_listen_addr: `${ADDRESS}:3478`,
        private_key_path: `${directory}/derp.key`,
        automatically_add_embedded_derp_region: true,
        ipv4: ADDRESS,
      },
      urls: [],
      paths: [],
      auto_update_enabled: false,
    },
    disable_check_updates: true,
    database: { type: "sqlite", sqlite: { path: `${directory}/db.sqlite` } },
    dns: {
      magic_dns: true,
      base_domain: "lab.example",
      override_local_dns: false,
      nameservers: { global: [] },
    },
    unix_socket: `${directory}/headscale.sock`,
    unix_socket_permission: "0700",
    logtail: { enabled: false },
    log: { level: "info" },
  });
}
