import type { Duplex } from "node:stream";
import type { Client } from "../../../deps/ssh2.ts";
import type { Clock } from "../../core/platform.ts";
import { PxrunError } from "../../core/errors.ts";
import { usualTimeouts } from "../../core/limits.ts";
import { ChannelLost, ChannelRefused } from "./channel.ts";
import { addressOf, connectionLost, type SshTarget } from "./errors.ts";
import { runByLoginShell } from "./login_shell.ts";
import { Slots } from "../../core/concurrency.ts";
import { openTunnel } from "./tunnel.ts";
import type { ExecOptions, ExecResult, SshTransport } from "./transport.ts";

/** A transport that says whether it still stands. */
export interface SshConnection extends SshTransport {
  /** True if it was closed or lost, so that a new one is needed. */
  readonly closed: boolean;
  /**
   * Lets the host connect to an address as it sees it.
   *
   * @throws {Error} Why it does not; the signal's reason when that is aborted.
   */
  forward(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
}

/** Server of the connection, and what the connection needs to live. */
export interface ConnectionContext extends SshTarget {
  readonly clock: Clock;
  /** The connection that this one goes through: it ends with this one. */
  readonly through?: SshConnection | undefined;
  /** Milliseconds until a login shell must have come to its command. */
  readonly shellDeadline?: number;
}

/** OpenSSH refuses the 11th session of a connection; two are left for what still winds down. */
const channels = 8;

/** An authenticated ssh2 client as a transport. */
export class Ssh2Connection implements SshConnection {
  readonly #client: Client;
  readonly #socket: Duplex;
  readonly #target: ConnectionContext;
  readonly #slots = new Slots(channels);
  /** Aborted with the error that every command then fails with. */
  readonly #gone = new AbortController();
  #closing: Promise<void> | undefined;

  /**
   * @param client Logged in.
   * @param socket What the client speaks through.
   * @param target Who is on the other side, and the clock.
   */
  constructor(client: Client, socket: Duplex, target: ConnectionContext) {
    this.#client = client;
    this.#socket = socket;
    this.#target = target;
    let cause: Error | undefined;
    client.on("error", (error) => cause ??= error);
    client.on("close", () => {
      this.#gone.abort(connectionLost(target, cause));
      void target.through?.close();
    });
  }

  /** True if it was closed or lost, so that a new one is needed. */
  get closed(): boolean {
    return this.#closing !== undefined || !this.#socket.writable;
  }

  /** True if commands that only wait would keep nobody else from running theirs. */
  get roomy(): boolean {
    return !this.closed && this.#slots.running < channels / 2;
  }

  /** @inheritdoc */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    const gone = this.#gone.signal;
    const signal = options.signal ? AbortSignal.any([options.signal, gone]) : gone;
    let pause = 10;
    for (let refused = false;;) {
      const release = await this.#slots.take(signal, refused);
      refused = false;
      try {
        return await this.#run(command, options, signal);
      } catch (error) {
        if (!(error instanceof ChannelRefused)) throw error;
        refused = true;
        if (this.#slots.running > 1) continue;
        // A command that was given up holds its session until it has ended.
        if (pause > 1_000) throw this.#refusal(error);
        await this.#target.clock.sleep(pause, signal);
        pause *= 2;
      } finally {
        release(refused);
      }
    }
  }

  async #run(command: string, options: ExecOptions, signal: AbortSignal): Promise<ExecResult> {
    if (this.closed) throw connectionLost(this.#target, undefined);
    try {
      return await runByLoginShell(command, options, {
        client: this.#client,
        clock: this.#target.clock,
        signal,
        target: this.#target,
        limit: this.#target.shellDeadline ?? usualTimeouts.shell,
      });
    } catch (error) {
      throw error instanceof ChannelLost ? connectionLost(this.#target, error) : error;
    }
  }

  #refusal(cause: ChannelRefused): PxrunError {
    return new PxrunError(
      "FAILED",
      `${addressOf(this.#target)} runs no command for ${this.#target.user}: ${cause.message}`,
      { hint: "MaxSessions, ForceCommand or a missing shell there may be why", cause },
    );
  }

  /** @inheritdoc */
  async forward(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    if (this.closed) throw connectionLost(this.#target, undefined);
    return await openTunnel(this.#client, host, port, AbortSignal.any([signal, this.#gone.signal]));
  }

  /** Ends the connection. Safe to call twice. */
  close(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  async #end(): Promise<void> {
    if (!this.#socket.destroyed) await this.#endSocket();
    await this.#target.through?.close();
  }

  async #endSocket(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    // A host that no longer answers does not keep anybody waiting.
    const patience = new AbortController();
    this.#target.clock.sleep(1_000, patience.signal).then(() => this.#socket.destroy(), () => {});
    // What the host would say to that is worth no round trip.
    this.#socket.once("finish", () => this.#socket.destroy());
    this.#client.end();
    await closed;
    patience.abort();
  }

  /** @inheritdoc */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
