import { concat } from "../../core/bytes.ts";
import { limits } from "../../core/limits.ts";
import { Kept } from "../../core/bytes.ts";
import type { ExecOptions } from "./transport.ts";

/** Most bytes before a marker that are kept for an error. */
const MOST = 16_384;

/** The words before the marker of each stream: different, so that streams that were joined differ. */
const WORDS = { stdout: "pxrun-out", stderr: "pxrun-err" } as const;

/**
 * POSIX sh that prints a marker on both streams, and fails where they are not read any more. The
 * text of a marker does not stand in it, so that a shell that prints its commands prints none.
 *
 * @param id A shell word that gives the id of the markers: `"$0"`.
 */
export function announce(id: string): string {
  return `printf ${WORDS.stderr}:%s: ${id} >&2 && printf ${WORDS.stdout}:%s: ${id}`;
}

/** The two output streams of a command of which only what follows the markers is its own. */
export interface Announced {
  /** See each chunk. */
  readonly onStdout: (chunk: Uint8Array) => void;
  readonly onStderr: (chunk: Uint8Array) => void;
  /** True if the command has begun. */
  readonly begun: boolean;
  /** The text that came instead of a marker, that of standard error first; its end, if it is long. */
  said(): string;
  /** Output behind the markers that was not passed on. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * Takes the streams of a command that begins with {@linkcode announce}. What comes before a marker is
 * not its own, and dropped.
 *
 * @param id What the markers are found by.
 * @param options Who sees what follows; absent: it is kept.
 */
export function afterMarkers(
  id: string,
  { onStdout, onStderr, onBegun, most = limits.bytes.output }: Pick<
    ExecOptions,
    "onStdout" | "onStderr" | "onBegun" | "most"
  >,
): Announced {
  const what = "what the command prints";
  const kept = { stdout: new Kept(what, most), stderr: new Kept(what, limits.bytes.output) };
  const stdout = afterMarker(`${WORDS.stdout}:${id}:`, {
    begun: () => onBegun?.(),
    pass: onStdout ?? ((chunk) => kept.stdout.take(chunk)),
  });
  const stderr = afterMarker(`${WORDS.stderr}:${id}:`, {
    pass: onStderr ?? ((chunk) => kept.stderr.take(chunk)),
  });
  return {
    onStdout: stdout.take,
    onStderr: stderr.take,
    get begun() {
      return stdout.found;
    },
    said: () => stderr.before() + stdout.before(),
    get stdout() {
      return kept.stdout.bytes();
    },
    get stderr() {
      return kept.stderr.bytes();
    },
  };
}

/** A stream of which the first part is not the command's own. */
export interface Marked {
  /** Sees each chunk. */
  readonly take: (chunk: Uint8Array) => void;
  /** True if the marker has come. */
  readonly found: boolean;
  /** Output before the marker, as text; its end, if it is long. */
  before(): string;
}

/** Passes on what follows a marker, wherever chunks are cut, and nothing of what comes before it. */
export function afterMarker(
  marker: string,
  on: { readonly begun?: () => void; readonly pass: (chunk: Uint8Array) => void },
): Marked {
  const wanted = new TextEncoder().encode(marker);
  let held = new Uint8Array();
  let found = false;
  return {
    take(chunk) {
      if (found) return on.pass(chunk);
      const all = concat([held, chunk]);
      const at = indexOf(all, wanted, Math.max(0, held.length - wanted.length + 1));
      if (at < 0) {
        held = all.slice(-MOST);
        return;
      }
      held = new Uint8Array();
      found = true;
      on.begun?.();
      const rest = all.subarray(at + wanted.length);
      if (rest.length > 0) on.pass(rest);
    },
    get found() {
      return found;
    },
    before: () => new TextDecoder().decode(held),
  };
}

function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  const first = part[0] ?? 0;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
