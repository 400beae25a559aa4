import { Secret } from "../../lib/core/secret.ts";
import type { Clock } from "../../lib/core/platform.ts";
import { apiToken } from "../../lib/proxmox/http/auth.ts";
import { createRest, type Rest, type TracedRequest } from "../../lib/proxmox/http/rest.ts";
import type { ByteReply, ByteRequest } from "../../lib/proxmox/http/transport.ts";

/** A clock that does not wait: a sleep moves its time on. */
export interface InstantClock extends Clock {
  /** The sleeps so far, in milliseconds. */
  readonly sleeps: number[];
}

/** A clock that does not wait: a sleep moves its time on. */
export function instantClock(): InstantClock {
  let time = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      time += ms;
      await Promise.resolve();
      signal?.throwIfAborted();
    },
  };
}

/** What a scripted node does with one request: an error is thrown, `data` becomes a 200. */
export type Scripted =
  | Error
  | { readonly data: unknown }
  | (Partial<ByteReply> & { readonly status: number });

/** A client whose node answers from a script. */
export interface ScriptedRest {
  readonly rest: Rest;
  readonly clock: InstantClock;
  /** The requests as they were sent. */
  readonly sent: ByteRequest[];
  /** The requests as a trace sees them. */
  readonly traced: TracedRequest[];
}

/** A client whose node answers each request with the next entry, or as a function says. */
export function scriptedRest(
  script: Scripted[] | ((request: ByteRequest) => Scripted),
): ScriptedRest {
  const clock = instantClock();
  const sent: ByteRequest[] = [];
  const traced: TracedRequest[] = [];
  const answer = typeof script === "function"
    ? script
    : () => script[sent.length - 1] ?? new Error(`request ${sent.length} is not in the script`);
  const rest = createRest({
    clock,
    authentication: apiToken({ id: "root@pam!test", secret: new Secret("s3cret") }),
    onRequest: (request) => traced.push(request),
    transport: {
      request: async (request) => {
        sent.push(request);
        await Promise.resolve();
        request.signal?.throwIfAborted();
        const reply = answer(request);
        if (reply instanceof Error) throw reply;
        const ok = { status: 200, reason: "OK", headers: {}, body: "" };
        return "data" in reply ? { ...ok, body: JSON.stringify(reply) } : { ...ok, ...reply };
      },
      close: () => Promise.resolve(),
    },
  });
  return { rest, clock, sent, traced };
}
