import { Duplex } from "node:stream";
import type { Client, ClientChannel } from "../../../deps/ssh2.ts";

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED */
const prohibited = 1;

/** A forwarded connection that behaves as a socket does: it can be destroyed, and then it closes. */
class Tunnel extends Duplex {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel) {
    super();
    this.#channel = channel;
    channel.on("data", (chunk: Uint8Array) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => this.push(null));
    channel.on("error", (error: Error) => this.destroy(error));
    // A write that waits for the other side never hears of it otherwise.
    channel.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    this.#channel.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.close();
    done(error);
  }
}

/**
 * Lets the host on the other side connect to an address as it sees it.
 *
 * @param signal Gives up the wait, and rejects with its reason.
 * @throws {Error} In the host's words, why there is no connection.
 */
export function openTunnel(
  client: Client,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
      signal.removeEventListener("abort", giveUp);
      if (error) reject(new Error(refusalOf(error), { cause: error }));
      else if (signal.aborted) channel.close();
      else resolve(new Tunnel(channel));
    });
  });
}

/** Why a host makes no connection for others; OpenSSH says nothing but "open failed" when it may not. */
function refusalOf(error: Error & { readonly reason?: unknown }): string {
  if (error.reason === prohibited) return "it forwards no connections there (AllowTcpForwarding)";
  return error.message.replace(/^\(SSH\) Channel open failure: /, "");
}
