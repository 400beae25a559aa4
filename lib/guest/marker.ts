/** A stream of which the first part is not the command's own. */
export interface Marked {
  /** Sees each chunk. */
  readonly take: (chunk: Uint8Array) => void;
  /** Whether the marker has come. */
  readonly found: boolean;
  /** What came while the marker did not. */
  before(): string;
}

/** How much may come before the marker. */
const MOST = 65_536;

/**
 * Looks for the marker and the end of its line. What comes without it is kept, what stands
 * before and behind it is passed on once it has come.
 */
export function afterMarker(
  marker: string,
  on: {
    readonly begun: () => void;
    readonly pass: (chunk: Uint8Array) => void;
    /** What ends a line; absent: a newline alone. */
    readonly end?: string;
  },
): Marked {
  const line = new TextEncoder().encode(`${marker}${on.end ?? "\n"}`);
  let held = new Uint8Array();
  let found = false;
  return {
    take(chunk) {
      if (found) return on.pass(chunk);
      const all = new Uint8Array(held.length + chunk.length);
      all.set(held);
      all.set(chunk, held.length);
      const at = indexOf(all, line);
      held = at < 0 ? all.slice(-MOST) : new Uint8Array();
      if (at < 0) return;
      found = true;
      on.begun();
      for (const part of [all.subarray(0, at), all.subarray(at + line.length)]) {
        if (part.length > 0) on.pass(part);
      }
    },
    get found() {
      return found;
    },
    before: () => new TextDecoder().decode(held),
  };
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
