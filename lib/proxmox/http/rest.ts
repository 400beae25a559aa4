import { limits } from "../../core/limits.ts";
import { retry } from "../../core/retry.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Clock } from "../../core/platform.ts";
import type { Authentication } from "./auth.ts";
import { Unreachable } from "./errors.ts";
import type { ByteReply, ByteTransport, Method } from "./transport.ts";
import { decodeReply, encodeRequest, type Params } from "./wire.ts";

/** Options for a call besides its parameters. */
export interface CallOptions {
  /** Ends the call, and any pause before another try. */
  readonly signal?: AbortSignal | undefined;
}

/** The API as four verbs. Each returns the reply's `data`, or throws a typed error. */
export interface Rest extends AsyncDisposable {
  /**
   * Reads. Tried again when the connection drops or a proxy gets no answer, and for a minute
   * while an API that has answered before is not there.
   */
  get(path: string, params?: Params, options?: CallOptions): Promise<unknown>;
  /** Creates or starts something. Sent once; tried again only where it did not get out. */
  post(path: string, params?: Params, options?: CallOptions): Promise<unknown>;
  /** Changes something. Sent once. */
  put(path: string, params?: Params, options?: CallOptions): Promise<unknown>;
  /** Removes or stops something. Sent once. */
  delete(path: string, params?: Params, options?: CallOptions): Promise<unknown>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** One try of one call, as a trace shows it: secrets among the parameters print as dots. */
export interface TracedRequest {
  readonly method: Method;
  /** Below `/api2/json`. */
  readonly path: string;
  readonly params: Params;
  /** 1, or more for a read that is tried again. */
  readonly attempt: number;
}

/** Options for watching and retrying calls. */
export interface CallingOptions {
  readonly clock: Clock;
  /** Sees each try before it is sent. */
  readonly onRequest?: ((request: TracedRequest) => void) | undefined;
  /** Sees the headers of each reply. */
  readonly onReply?: ((headers: ByteReply["headers"]) => void) | undefined;
  /** Largest number of tries of a read, while the API itself is there. */
  readonly attempts?: number;
  /**
   * After this long no read is tried again, in milliseconds; and for this long after its last
   * answer the API itself is waited for.
   */
  readonly patience?: number;
}

/** Parts that {@linkcode createRest} joins. */
export interface RestOptions extends CallingOptions {
  readonly transport: ByteTransport;
  readonly authentication: Authentication;
}

/** A way to carry out one call, once: gives the reply's `data`, or throws a typed error. */
export interface Caller {
  /** The signal ends it at any point. */
  send(method: Method, path: string, params: Params, signal: AbortSignal): Promise<unknown>;
  /** Ends every connection. Safe to call twice. */
  close(): Promise<void>;
}

/** Joins transport, authentication and encoding into the API's four verbs. */
export function createRest(options: RestOptions): Rest {
  const { transport, authentication } = options;

  async function send(
    method: Method,
    path: string,
    params: Params,
    signal: AbortSignal,
  ): Promise<unknown> {
    const request = encodeRequest(method, path, params);
    async function ask(who: Readonly<Record<string, string>>): Promise<ByteReply> {
      signal.throwIfAborted();
      const reply = await transport.request({
        ...request,
        headers: { ...request.headers, ...who },
        signal,
      });
      options.onReply?.(reply.headers);
      return reply;
    }
    const who = await authentication.headers(method, signal);
    let reply = await ask(who);
    // Nothing of a request with 401 was carried out, so that a write may be sent again too.
    if (reply.status === 401 && await authentication.renew?.(who, signal)) {
      reply = await ask(await authentication.headers(method, signal));
    }
    return decodeReply(`${method} ${path}`, reply);
  }

  return restOf({ send, close: () => transport.close() }, options);
}

/** The API's four verbs by any way to carry out a call; reads are tried again. */
export function restOf(caller: Caller, options: CallingOptions): Rest {
  const { clock, attempts = limits.api.attempts, patience = limits.api.restart } = options;
  const closing = new AbortController();
  /** Time when the API last answered, if it ever did. */
  let answered = Number.NEGATIVE_INFINITY;

  /** True if a call is worth another try. A write that got out may have been carried out. */
  function mayPass(
    error: unknown,
    { method, attempt, begun, pause }: {
      readonly method: Method;
      readonly attempt: number;
      readonly begun: number;
      readonly pause: number;
    },
  ): boolean {
    if (!(error instanceof Unreachable)) {
      // A refusal is an answer, too.
      answered = clock.now();
      return false;
    }
    if (method !== "GET" && error.sent) return false;
    const then = clock.now() + pause;
    // An API that was there is being restarted: that takes seconds.
    if (error.away && then < answered + patience) return true;
    return method === "GET" && error.transient && attempt < attempts && then < begun + patience;
  }

  async function call(
    method: Method,
    path: string,
    params: Params = {},
    { signal }: CallOptions = {},
  ): Promise<unknown> {
    const begun = clock.now();
    const open = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
    const pause = (attempt: number): number =>
      Math.min(100 * 3 ** (attempt - 1), limits.api.longestPause);
    return await retry(async (attempt) => {
      options.onRequest?.({ method, path, params, attempt });
      const data = await caller.send(method, path, params, open);
      answered = clock.now();
      return data;
    }, {
      clock,
      signal: open,
      pause,
      isRetriable: (error, attempt) =>
        mayPass(error, { method, attempt, begun, pause: pause(attempt) }),
    });
  }

  // A call that nobody waits for any more must not be tried again on a new connection.
  const close = (): Promise<void> => {
    closing.abort(new PxrunError("FAILED", "the connection to Proxmox was closed"));
    return caller.close();
  };
  return {
    get: (path, params, callOptions) => call("GET", path, params, callOptions),
    post: (path, params, callOptions) => call("POST", path, params, callOptions),
    put: (path, params, callOptions) => call("PUT", path, params, callOptions),
    delete: (path, params, callOptions) => call("DELETE", path, params, callOptions),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The same API, whose calls all end with this signal. Closing it closes the one it was made from. */
export function withSignal(rest: Rest, signal: AbortSignal | undefined): Rest {
  if (signal === undefined) return rest;
  const options = { signal };
  return {
    get: (path, params) => rest.get(path, params, options),
    post: (path, params) => rest.post(path, params, options),
    put: (path, params) => rest.put(path, params, options),
    delete: (path, params) => rest.delete(path, params, options),
    close: () => rest.close(),
    [Symbol.asyncDispose]: () => rest.close(),
  };
}
