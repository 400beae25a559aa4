import { limits } from "../../core/limits.ts";
import { retry } from "../../core/retry.ts";
import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import { Client } from "../../../deps/ssh2.ts";
import { messageOf } from "../../core/errors.ts";
import type { Clock } from "../../core/platform.ts";
import { offer } from "../trust/algorithms.ts";
import { type Credentials, logIn } from "../auth/auth.ts";
import { Ssh2Connection, type SshConnection } from "./connection.ts";
import { loginRefused, noCommonAlgorithm, type SshTarget, unreachable } from "./errors.ts";
import type { HostKeys, UntrustedHostKey } from "../trust/host_keys.ts";

/** Whom to connect to, as whom, and how to know that it is them. */
export interface ConnectOptions extends SshTarget, Credentials {
  readonly hostKeys: HostKeys;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Through which host to connect; it is closed together with this connection. */
  readonly through?: SshConnection | undefined;
  /** Milliseconds until the host must have proven who it is. */
  readonly deadline?: number;
  /** Milliseconds for the login after that: an agent may ask its user. */
  readonly loginDeadline?: number;
  /** Milliseconds until a login shell must have come to its command. */
  readonly shellDeadline?: number;
  /** Milliseconds between two signs of life, and how many may go missing. */
  readonly keepalive?: { readonly interval: number; readonly missed: number };
}

/**
 * Opens one authenticated connection. No credential goes out before the host's
 * key is found right.
 *
 * @param options Host, user, what to log in with.
 * @throws {PxrunError} UNREACHABLE, UNTRUSTED or UNAUTHORIZED; the signal's reason when it is aborted.
 */
export async function connectSsh(options: ConnectOptions): Promise<SshConnection> {
  const { through, host, port, clock, signal } = options;
  return await retry(async () => {
    signal?.throwIfAborted();
    const socket = through ? await tunnel(options, through) : createConnection({ host, port });
    return await handshake(options, socket);
  }, {
    clock,
    signal,
    attempts: limits.ssh.loginTries,
    isRetriable: (error) => error instanceof BrokenOff,
    pause: (attempt) => attempt * limits.ssh.loginPause,
  }).catch((error) => {
    throw error instanceof BrokenOff ? unreachable(options, CLOSED, error.cause) : error;
  });
}

/** The connection was there and ended before the login did. */
class BrokenOff extends Error {}

const CLOSED = "the host closed it during the login";

/** The way through another host, which has as long to connect as this side would have. */
async function tunnel(options: ConnectOptions, through: SshConnection): Promise<Duplex> {
  const { host, port, clock, signal, deadline = 10_000 } = options;
  const done = new AbortController();
  const late = new AbortController();
  clock.sleep(deadline, done.signal).then(() => late.abort(), () => {});
  try {
    const signals = signal ? [signal, late.signal] : [late.signal];
    return await through.forward(host, port, AbortSignal.any(signals));
  } catch (error) {
    signal?.throwIfAborted();
    const why = late.signal.aborted ? `it did not answer within ${deadline / 1000} s` : undefined;
    throw unreachable(options, why ?? messageOf(error), error);
  } finally {
    done.abort();
  }
}

function handshake(options: ConnectOptions, socket: Duplex): Promise<SshConnection> {
  const { clock, signal, hostKeys, deadline = 10_000, loginDeadline = 120_000 } = options;
  const { promise, resolve, reject } = Promise.withResolvers<SshConnection>();
  const client = new Client();
  const settled = new AbortController();
  let untrusted: UntrustedHostKey | undefined;

  const settle = (then: () => void): void => {
    if (settled.signal.aborted) return;
    settled.abort();
    signal?.removeEventListener("abort", giveUp);
    then();
  };
  const fail = (error: unknown): void =>
    settle(() => {
      if (socket.destroyed) return reject(error);
      socket.once("close", () => reject(error));
      socket.destroy();
    });
  const giveUp = (): void => fail(signal?.reason);
  const limit = (ms: number, what: string, until: AbortSignal): void => {
    clock.sleep(ms, until).then(
      () => fail(unreachable(options, `${what} within ${ms / 1000} s`)),
      () => {},
    );
  };
  signal?.addEventListener("abort", giveUp, { once: true });

  const proven = new AbortController();
  settled.signal.addEventListener("abort", () => proven.abort(), { once: true });
  limit(deadline, "it did not answer", proven.signal);
  const login = logIn(options, {
    onExhausted: () => fail(loginRefused(options, login.log)),
    onError: fail,
  });

  client.on("connect", () => client.setNoDelay(true));
  client.on("handshake", () => {
    proven.abort();
    limit(loginDeadline, "the login did not end", settled.signal);
  });
  client.on("error", (error) => {
    // After these two ssh2 goes on to the next key.
    if (error.level === "agent" || error.level === "client-authentication") return;
    if (/too many authentication failures/i.test(error.message)) {
      return fail(loginRefused(options, login.log, error));
    }
    const lacking = noCommonAlgorithm(options, error);
    if (lacking !== undefined) return fail(untrusted ?? lacking);
    const reset = "code" in error && error.code === "ECONNRESET";
    fail(
      untrusted ??
        (reset
          ? new BrokenOff(CLOSED, { cause: error })
          : unreachable(options, reasonOf(error), error)),
    );
  });
  client.on("close", () => fail(new BrokenOff(CLOSED)));
  client.on("ready", () => settle(() => resolve(new Ssh2Connection(client, socket, options))));
  client.connect({
    sock: socket,
    username: options.user,
    algorithms: offer(hostKeys.types),
    hostVerifier: (key: Uint8Array): boolean => {
      untrusted = hostKeys.refusal(key);
      return untrusted === undefined;
    },
    authHandler: login.handler,
    readyTimeout: 0,
    keepaliveInterval: options.keepalive?.interval ?? 15_000,
    keepaliveCountMax: options.keepalive?.missed ?? 3,
  });
  return promise;
}

/** Reason of the system for a failed connection, in words. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the host closed it",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to its network",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name cannot be looked up now",
  ETIMEDOUT: "it did not answer",
};

function reasonOf(error: Error & { code?: unknown }): string {
  return words[String(error.code)] ?? error.message;
}
