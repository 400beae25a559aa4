import { Client } from "../../deps/ssh2.ts";
import type { ClientChannel, ConnectConfig } from "../../deps/ssh2.ts";
import { endCluster, testCluster } from "./node.ts";
import type { Cluster } from "../cluster/state/cluster.ts";
import { type SshServers, type SshServersOptions, startSshServers } from "../ssh/mod.ts";

/** A cluster with its SSH servers, and clients of them. */
export interface Rig extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly servers: SshServers;
  /** Connects to the first node as root with the right key, unless told otherwise. */
  connect(config?: ConnectConfig): Promise<Client>;
}

/** Starts the servers of a fresh cluster. */
export async function rig(options: SshServersOptions = {}): Promise<Rig> {
  const cluster = testCluster();
  const servers = await startSshServers(cluster, options);
  const clients: Client[] = [];
  return {
    cluster,
    servers,
    connect: (config = {}) => {
      const client = new Client();
      clients.push(client);
      const { host, port } = servers.nodes["pve01"] ?? {};
      return new Promise((resolve, reject) => {
        client.on("connect", () => client.setNoDelay(true));
        client.on("ready", () => resolve(client));
        client.on("error", reject);
        client.on("close", () => reject(new Error("closed before it was ready")));
        const { privateKey } = servers;
        client.connect({
          host: host ?? "",
          port: port ?? 0,
          username: "root",
          privateKey,
          ...config,
        });
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.end();
      await servers.close();
      await endCluster(cluster);
    },
  };
}

/** Result of a command: the words of its exit event, and its output. */
export interface Ended {
  readonly exit: readonly unknown[];
  readonly out: string;
  readonly err: string;
}

/** Runs a command; `onChannel` sees the channel at once and feeds it, else its input is closed. */
export function exec(
  client: Client,
  command: string,
  onChannel: (channel: ClientChannel) => void = (channel) => channel.end(),
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const ended = { exit: [] as unknown[], out: "", err: "" };
      const decoder = new TextDecoder();
      channel.on("data", (chunk: Uint8Array) => ended.out += decoder.decode(chunk));
      channel.stderr.on("data", (chunk: Uint8Array) => ended.err += decoder.decode(chunk));
      channel.on("exit", (...words: unknown[]) => ended.exit = words);
      channel.on("close", () => resolve(ended));
      onChannel(channel);
    });
  });
}
