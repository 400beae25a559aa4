import { limits } from "../../core/limits.ts";
import { messageOf, PxrunError } from "../../core/errors.ts";
import type { Platform } from "../../core/platform.ts";
import { deadline } from "../../core/within.ts";
import { keyOf } from "../../provision/steps/ssh_keys.ts";

/** Parts of the platform that getting keys needs. */
type Site = Pick<Platform, "fetch" | "clock">;

/** True if an entry of `ssh_keys` is the address of a list of keys. */
export function isUrl(key: string): boolean {
  return key.startsWith("https://");
}

/**
 * Gets public keys from a site, such as `https://github.com/NAME.keys`. Every step of the way is
 * HTTPS, and anything but keys is refused: who can answer here can log in.
 *
 * @throws {PxrunError} UNREACHABLE or FAILED, with what the site answered.
 */
export async function fetchKeys(
  url: string,
  platform: Site,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const text = new TextDecoder().decode(await get(url, platform, signal));
  const lines = text.split(/\r?\n/).map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.length === 0) {
    throw refused(url, "holds no public key", "add one there, or name another");
  }
  if (lines.some((line) => keyOf(line) === undefined)) {
    throw refused(url, "answers with something else than public keys", NO_LIST);
  }
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

const NO_LIST = "it must be a list of public keys, such as https://github.com/NAME.keys";

async function get(
  url: string,
  { fetch, clock }: Site,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  using patience = deadline(clock, limits.remoteKeys.request, signal);
  let at = url;
  try {
    for (let hops = 0; hops <= limits.remoteKeys.redirects; hops++) {
      const response = await fetch(at, { signal: patience.signal, redirect: "manual" });
      const next = response.headers.get("location");
      if (response.ok) return await read(url, response);
      await response.body?.cancel();
      if (response.status < 300 || response.status > 399 || next === null) {
        throw refused(url, `answers ${response.status}`, "is the name in it spelled right?");
      }
      at = new URL(next, at).href;
      if (!isUrl(at)) throw refused(url, "leads to an address without HTTPS", NO_LIST);
    }
  } catch (error) {
    if (signal?.aborted || error instanceof PxrunError) throw error;
    const why = patience.passed()
      ? `no answer in ${limits.remoteKeys.request / 1000} s`
      : messageOf(error);
    throw new PxrunError("UNREACHABLE", `cannot get the keys of ${url}: ${why}`, {
      hint: "pxrun itself asks for them, from this machine; or put the keys into the recipe",
      cause: error,
    });
  }
  throw refused(
    url,
    `leads from address to address, more than ${limits.remoteKeys.redirects} times`,
    NO_LIST,
  );
}

async function read(url: string, response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > limits.bytes.remoteKeys) {
      throw refused(url, "answers with more than a list of keys", NO_LIST);
    }
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

function refused(url: string, what: string, hint: string): PxrunError {
  return new PxrunError("FAILED", `${url} ${what}`, { hint });
}
