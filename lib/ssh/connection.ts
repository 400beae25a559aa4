import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ssh2"
import type { Client } from "ssh2";
import type { Clock } from "../core/world.ts";
import { PxrunError } from "../core/errors.ts";
import { ChannelLost, ChannelRefused, runOnChannel } from "./channel.ts";
import { addressOf, connectionLost, type SshTarget } from "./errors.ts";
import { Slots } from "./slots.ts";
import type { ExecOptions, ExecResult, SshTransport } from "./transport.ts";

/** A transport that says whether it still stands. */
export interface SshConnection extends SshTransport {
  /** Whether it was closed or lost, so that a new one is needed. */
  readonly closed: boolean;
  /**
   * Lets the host connect to an address as it sees it.
   *
   * @throws {Error} Why it does not; the signal's reason when that is aborted.
   */
  forward(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
}

/** OpenSSH refuses the 11th session of a connection; two are left for what still winds down. */
const channels = 8;

/** An authenticated ssh2 client as a transport. */
export class Ssh2Connection implements SshConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #target: SshTarget & { readonly clock: Clock };
  readonly #slots = new Slots(channels);
  /** Aborted with the error that every command then fails with. */
  readonly #gone = new AbortController();
  #closing: Promise<void> | undefined;

  /**
   * @param client Logged in.
   * @param socket What the client speaks through.
   * @param target Who is on the other side, and the clock.
   */
  constructor(client: Client, socket: Socket, target: SshTarget & { readonly clock: Clock }) {
    this.#client = client;
    this.#socket = socket;
    this.#target = target;
    let cause: Error | undefined;
    client.on("error", (error) => cause ??= error);
    client.on("close", () => this.#gone.abort(connectionLost(target, cause)));
  }

  /** Whether it was closed or lost, so that a new one is needed. */
  get closed(): boolean {
    return this.#closing !== undefined || !this.#socket.writable;
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
      return await runOnChannel(command, options, {
        client: this.#client,
        clock: this.#target.clock,
        signal,
      });
    } catch (error) {
      throw error instanceof ChannelLost ? connectionLost(this.#target, error) : error;
    }
  }

  /** @inheritdoc */
  forward(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const either = AbortSignal.any([signal, this.#gone.signal]);
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(connectionLost(this.#target, undefined));
      const giveUp = (): void => reject(either.reason);
      if (either.aborted) return giveUp();
      either.addEventListener("abort", giveUp, { once: true });
      // There is no port on this side: these numbers only stand in the server's log.
      this.#client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        either.removeEventListener("abort", giveUp);
        if (error) return reject(error);
        channel.on("error", () => {}); // its close says enough
        if (either.aborted) channel.close();
        else resolve(channel);
      });
    });
  }

  #refusal(cause: ChannelRefused): PxrunError {
    return new PxrunError(
      "FAILED",
      `${addressOf(this.#target)} runs no command for ${this.#target.user}: ${cause.message}`,
      { hint: "MaxSessions, ForceCommand or a missing shell there may be why", cause },
    );
  }

  /** Ends the connection. Safe to call twice. */
  close(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  async #end(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    // A host that no longer answers does not keep anybody waiting.
    const patience = new AbortController();
    this.#target.clock.sleep(1_000, patience.signal).then(() => this.#socket.destroy(), () => {});
    this.#client.end();
    await closed;
    patience.abort();
  }

  /** @inheritdoc */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
