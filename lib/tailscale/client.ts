import { limits } from "../core/limits.ts";
import { Kept } from "../core/bytes.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Clock, Fetch } from "../core/platform.ts";
import { deadline } from "../core/within.ts";
import { TailscaleError } from "./errors.ts";
import { KEYS_PAGE } from "./pages.ts";

/** Address of Tailscale's API. */
export const API = "https://api.tailscale.com/api/v2";
/** Credentials of the client, and its tailnet. */
export interface ClientOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** `-` is that of the API key. */
  readonly tailnet: string;
}

/** One request. */
export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the address of the API. */
  readonly path: string;
  readonly body?: unknown;
  /** For the error: "make an auth key". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** Tailscale's API as one account sees it. */
export interface TailscaleClient {
  /** Path below the tailnet: `/tailnet/-/keys` for `keys`. */
  inTailnet(path: string): string;
  /**
   * @returns The reply's JSON.
   * @throws {TailscaleError} When the API refuses, UNREACHABLE when it does not answer.
   */
  call(call: Call): Promise<unknown>;
}

/** `-`, or a name such as example.com or me@example.com; a key is none, and would be in the URL. */
const TAILNET = /^(?!tskey-)[\w.@+-]+$/i;

/**
 * A client of Tailscale's API. Nothing is sent yet.
 *
 * @throws {PxrunError} USAGE when the tailnet cannot be one; its value is not repeated.
 */
export function createClient({ fetch, clock, apiKey, tailnet }: ClientOptions): TailscaleClient {
  if (!TAILNET.test(tailnet)) {
    throw new PxrunError("USAGE", "TAILSCALE_TAILNET is not the name of a tailnet", {
      hint: "- is the one of the API key, which belongs into TAILSCALE_API_KEY",
    });
  }
  return {
    inTailnet: (path) => `/tailnet/${encodeURIComponent(tailnet)}/${path}`,
    async call({ method, path, body, what, signal }) {
      // What refuses such a header quotes it.
      if (!/^[\x21-\x7e]+$/.test(apiKey.reveal())) {
        const why = "the API key holds a blank, a line end or a special character";
        throw new PxrunError("UNAUTHORIZED", `cannot ${what}: ${why}`, {
          hint: `an API access token of ${KEYS_PAGE} has none`,
        });
      }
      using patience = deadline(clock, limits.tailscale.request, signal);
      let status: number;
      let text: string;
      try {
        const response = await fetch(`${API}${path}`, {
          method,
          redirect: "manual",
          signal: patience.signal,
          headers: {
            authorization: `Bearer ${apiKey.reveal()}`,
            accept: "application/json",
            ...(body !== undefined && { "content-type": "application/json" }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        status = response.status;
        text = await readText(response);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof PxrunError) throw error;
        const why = patience.passed()
          ? `no answer in ${limits.tailscale.request / 1000} s`
          : reasonFor(error);
        throw new PxrunError("UNREACHABLE", `cannot ${what}: ${why}`, {
          hint: "pxrun asks https://api.tailscale.com from this machine",
          cause: error,
        });
      }
      const reply = readJson(text);
      if (status >= 200 && status < 300 && reply !== undefined) return reply;
      throw new TailscaleError(status, what, reasonOf(reply));
    },
  };
}

async function readText({ body }: Response): Promise<string> {
  const kept = new Kept("the reply of Tailscale", limits.bytes.tailscale);
  for await (const chunk of body ?? []) kept.take(chunk);
  return new TextDecoder().decode(kept.bytes());
}

/** `fetch failed` has what failed as its cause. */
function reasonFor(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // The URL says nothing of why, and holds what was typed as the tailnet.
  return messageOf(cause).replace(/ for url \([^)]*\)/, "");
}

/** An empty reply is what a DELETE may have. */
function readJson(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(reply: unknown): string {
  const message = fieldsOf(reply)["message"];
  return typeof message === "string"
    ? message.slice(0, 300)
    : "something that is no reply of the API";
}

/** The fields of an object; none for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** A text of a reply; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The texts of a list in a reply. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
