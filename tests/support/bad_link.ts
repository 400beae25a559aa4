import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Env } from "../../lib/core/platform.ts";
import type { Simulator } from "../../sim/mod.ts";
import { listen } from "./transport.ts";

/** What a connection is for. */
export type Service = "API" | "SSH";

/** What happens to one connection, at one piece of data of all that pass. */
export interface Mishap {
  /** `cut`: it is closed on both sides. `freeze`: nothing passes any more, and nobody is told. */
  readonly what: "cut" | "freeze";
  readonly service: Service;
  readonly from: "client" | "server";
  /** At which piece, counted from 1 over all connections of the service; it does not arrive. */
  readonly at: number;
}

/** How the link is from the beginning. */
export interface LinkOptions {
  /** Milliseconds from here to there and back. */
  readonly rtt?: number;
  /** Every so many-th piece is lost and sent again, as TCP does: it and all behind it come late. */
  readonly loseEvery?: number;
  readonly mishap?: Mishap;
}

/** A line to a simulated cluster that is as bad as one likes. */
export interface BadLink extends AsyncDisposable {
  /** The variables that lead through it, to be set above those of the simulator. */
  readonly env: Env;
  /** While it is set nothing passes, and connections are accepted by nobody who answers. */
  frozen: boolean;
  /** How many pieces have passed. */
  pieces(service: Service, from: Mishap["from"]): number;
  /**
   * How many round trips followed upon each other: what the client sends before an answer to
   * earlier words can have come belongs to the same one, however long the machine takes over it.
   */
  rounds(): number;
  /** How many connections were made. */
  connections(service: Service): number;
  /** Whether the mishap has happened. */
  readonly struck: boolean;
}

/** How long a sender waits before it sends again, besides a round trip. */
const RESEND = 200;

/** Puts a line between whoever uses its variables and a simulator. */
export async function badLink(simulator: Simulator, options: LinkOptions = {}): Promise<BadLink> {
  const { rtt = 0, loseEvery, mishap } = options;
  const open = new Set<Socket>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;
  const counts = new Map<string, number>();
  /** When what the client sent, and its wish for a connection, went on its way. */
  const departures: number[] = [];
  const count = (name: string): number => {
    const next = (counts.get(name) ?? 0) + 1;
    counts.set(name, next);
    return next;
  };
  const later = (ms: number, act: () => void): void => {
    if (closed) return;
    if (ms <= 0) return act();
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };

  const serve = (service: Service, port: number) => (client: Socket): void => {
    keep(client);
    count(service);
    let stuck = false;
    let server: Socket | undefined;
    const cut = (): void => {
      client.destroy();
      server?.destroy();
    };
    /** Passes on what comes from one side, in order and not before its time. */
    const pass = (from: Mishap["from"], write: (chunk: Uint8Array) => void) => {
      const queue: Uint8Array[] = [];
      let due = 0;
      return (chunk: Uint8Array, wait = 0): void => {
        const nth = count(`${service} ${from}`);
        if (mishap?.service === service && mishap.from === from && mishap.at === nth) {
          state.struck = true;
          if (mishap.what === "cut") return cut();
          stuck = true;
        }
        const lost = loseEvery !== undefined && count("all") % loseEvery === 0;
        if (from === "client") departures.push(performance.now() + wait);
        due = Math.max(due, performance.now() + wait + rtt / 2 + (lost ? RESEND + rtt : 0));
        queue.push(chunk);
        later(due - performance.now(), () => {
          const next = queue.shift();
          if (next && !stuck && !state.frozen) write(next);
        });
      };
    };
    const early: Uint8Array[] = [];
    const up = pass("client", (chunk) => server ? server.write(chunk) : early.push(chunk));
    const down = pass("server", (chunk) => client.writable && client.write(chunk));
    // The handshake of TCP takes a round trip, which a connection to this machine does not.
    const begun = performance.now();
    departures.push(begun);
    client.on("data", (chunk) => up(chunk, Math.max(0, begun + rtt - performance.now())));
    later(1.5 * rtt, () => {
      if (client.destroyed) return;
      const socket = server = connect(port, "127.0.0.1");
      keep(socket);
      early.forEach((chunk) => socket.write(chunk));
      socket.on("data", (chunk) => down(chunk));
      socket.on("close", () => later(rtt / 2, () => stuck || state.frozen || client.destroy()));
    });
    client.on("close", () => later(rtt / 2, () => stuck || state.frozen || server?.destroy()));
  };

  const servers: Server[] = [];
  const front = async (service: Service, port: number): Promise<number> => {
    const server = createServer(serve(service, port));
    servers.push(server);
    return await listen(server);
  };
  const directory = await Deno.makeTempDir({ prefix: "pxrun-link-" });
  const knownHosts = join(directory, "known_hosts");
  const nodes = await Promise.all(
    Object.entries(simulator.ssh.nodes).map(async ([name, { port, publicKey }]) => {
      const own = await front("SSH", port);
      return { name, port: own, line: `[127.0.0.1]:${own} ${publicKey}\n` };
    }),
  );
  await Deno.writeTextFile(knownHosts, nodes.map(({ line }) => line).join(""));
  const url = new URL(simulator.url);
  url.port = String(await front("API", simulator.port));
  const state = {
    env: {
      PROXMOX_HOST: url.href,
      PXRUN_SSH_NODES: nodes.map(({ name, port }) => `${name}=root@127.0.0.1:${port}`).join(","),
      PXRUN_KNOWN_HOSTS: knownHosts,
    },
    frozen: false,
    struck: false,
    pieces: (service: Service, from: Mishap["from"]) => counts.get(`${service} ${from}`) ?? 0,
    rounds() {
      let rounds = 0;
      let back = -Infinity;
      for (const departure of departures.toSorted((a, b) => a - b)) {
        if (departure < back) continue;
        rounds++;
        back = departure + rtt;
      }
      return rounds;
    },
    connections: (service: Service) => counts.get(service) ?? 0,
    async [Symbol.asyncDispose]() {
      closed = true;
      const ends = servers.map((server) =>
        new Promise<void>((resolve) => server.close(() => resolve()))
      );
      for (const timer of timers) clearTimeout(timer);
      for (const socket of open) socket.destroy();
      await Promise.all(ends);
      await Deno.remove(directory, { recursive: true });
    },
  };
  return state;
}
