import type { Clock } from "../lib/core/platform.ts";
import type { OnArrival } from "./arrival.ts";
import { makeCertificate } from "./certificate.ts";
import { writeCredentials } from "./credentials.ts";
import { demoPreset } from "./demo.ts";
import { createGuest } from "./unix/guest.ts";
import type { MakeGuest } from "./unix/types.ts";
import { type RequestRecord, startRestServer } from "./cluster/rest/server.ts";
import type { Cluster, Timings } from "./cluster/state/cluster.ts";
import type { Fault } from "./cluster/state/faults.ts";
import { makeCluster, type Preset } from "./cluster/state/make.ts";
import {
  type SshServers,
  type SshServersOptions,
  type SshUser,
  startSshServers,
} from "./ssh/mod.ts";
import { stopAllTasks } from "./cluster/state/tasks.ts";

export type { Arrival, OnArrival } from "./arrival.ts";
export type { RequestRecord } from "./cluster/rest/server.ts";
export type { Cluster, Ct, Timings } from "./cluster/state/cluster.ts";
export type { Fault, FaultName } from "./cluster/state/faults.ts";
export type { Preset } from "./cluster/state/make.ts";
export { demoPreset } from "./demo.ts";
export { placeCt, type PlacedCt } from "./cluster/state/ct/place.ts";
export { OTHERS_NOTE, replaceCt } from "./cluster/state/ct/replace.ts";
export { createGuest } from "./unix/guest.ts";
export type {
  Guest,
  GuestIo,
  GuestLink,
  MakeGuest,
  TailnetIdentity,
  TailnetJoin,
} from "./unix/types.ts";

/** Options for starting a simulator. All of it may be left out. */
export interface SimulatorOptions {
  /** Contents of the cluster (default: the demo cluster of two nodes). */
  readonly preset?: Preset;
  /** Durations (default: tens of milliseconds). */
  readonly timings?: Partial<Timings>;
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Stands in front of /api2 in every path, as behind a reverse proxy. */
  readonly pathPrefix?: string;
  /** Sees every request, connection and command before anything is done with it. */
  readonly onArrival?: OnArrival;
  /** Sees every request after its reply is decided. */
  readonly onRequest?: (record: RequestRecord) => void;
  readonly faults?: readonly Fault[];
  /** The cluster's time; by default the machine's. */
  readonly clock?: Clock;
  /** Users that may log in to the nodes beside root. */
  readonly sshUsers?: readonly SshUser[];
  /** Programs that the nodes do not have: `pct`. */
  readonly lacking?: readonly string[];
  /** Makes what runs inside a container. */
  readonly makeGuest?: MakeGuest;
  /** Holds the directory with its keys; by default the one for temporary files. */
  readonly directory?: string;
  /** Starts the nodes' SSH servers; by default those of {@linkcode startSshServers}. */
  readonly startSsh?: (cluster: Cluster, options: SshServersOptions) => Promise<SshServers>;
}

/** An API token as a client needs it. */
export interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Up to where /api2 begins. */
  readonly url: string;
  /** SHA-256 of its certificate, with colons. */
  readonly fingerprint: string;
  readonly caPem: string;
  /** The token that may do what any token may. */
  readonly token: Credentials;
  /** Every token of the preset, by id. */
  readonly tokens: Readonly<Record<string, Credentials>>;
  /** The state behind it, to look at and to change. */
  readonly cluster: Cluster;
  /** Every request so far. */
  readonly requests: readonly RequestRecord[];
  /** The nodes' SSH servers. */
  readonly ssh: SshServers;
  /** Lets something go wrong from now on; the function given back ends it. */
  inject(fault: Fault): () => void;
  /** Ends the API alone and every connection to it; the function given back starts it again. */
  stopApi(): () => Promise<void>;
  /** The variables that point pxrun at it. */
  env(): Record<string, string>;
  /** Ends the server and every task. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a simulated cluster behind a real HTTPS server and real SSH servers.
 *
 * @example A request
 * ```ts
 * import { startSimulator } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * assert.match(simulator.url, /^https:\/\/127\.0\.0\.1:/);
 * ```
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", pathPrefix = "", preset = demoPreset() } = options;
  const cluster = makeCluster(preset, {
    ...(options.timings ? { timings: options.timings } : {}),
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.faults ? { faults: options.faults } : {}),
    makeGuest: options.makeGuest ?? createGuest,
  });
  const certificate = await makeCertificate([...cluster.nodes.keys()]);
  cluster.fingerprint = certificate.fingerprint;
  const requests: RequestRecord[] = [];
  const server = await startRestServer(cluster, {
    host,
    port: options.port ?? 0,
    pathPrefix,
    certificate,
    onArrival: options.onArrival,
    onRequest: (record) => {
      requests.push(record);
      options.onRequest?.(record);
    },
  });
  const ssh = await (options.startSsh ?? startSshServers)(cluster, {
    apiPort: server.port,
    certificatePem: certificate.pem,
    onArrival: options.onArrival,
    ...(options.sshUsers ? { users: options.sshUsers } : {}),
    ...(options.lacking ? { lacking: options.lacking } : {}),
  });
  const credentials = await writeCredentials(ssh, options.directory);
  const tokens = Object.fromEntries(
    Array.from(cluster.tokens.values(), ({ id, secret }) => [id, { id, secret }]),
  );
  const token = Object.values(tokens)[0] ?? { id: "", secret: "" };
  const url = `https://${host}:${server.port}${pathPrefix}`;
  let closing: Promise<void> | undefined;
  const close = () =>
    closing ??= (async () => {
      cluster.closing.abort(new Error("the simulator ends"));
      const guests = Array.from(cluster.cts.values(), ({ guest }) => guest?.stop());
      await Promise.all([...guests, server.close(), ssh.close(), stopAllTasks(cluster)]);
      await credentials.remove();
    })();
  return {
    host,
    port: server.port,
    url,
    fingerprint: certificate.fingerprint,
    caPem: certificate.pem,
    token,
    tokens,
    cluster,
    requests,
    ssh,
    inject: (fault) => {
      const injected = { ...fault };
      cluster.faults.push(injected);
      return () => {
        cluster.faults = cluster.faults.filter((other) => other !== injected);
      };
    },
    stopApi: () => {
      const stopped = server.close();
      return async () => {
        await stopped;
        if (closing === undefined) await server.reopen();
      };
    },
    env: () => ({
      PROXMOX_HOST: url,
      PROXMOX_TOKEN_ID: token.id,
      PROXMOX_TOKEN_SECRET: token.secret,
      PROXMOX_FINGERPRINT: certificate.fingerprint,
      ...credentials.env,
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
