/** After this long without a word somebody may think that it hangs, in milliseconds. */
const SILENCE = 30_000;

/** Tells when it is time for a sign of life, where nothing is written over. */
export interface Heartbeat {
  /** Something was said. */
  spoke(): void;
  /** Whether nothing was said for too long; if so, something is going to be said now. */
  due(): boolean;
}

/** Begins with the silence. */
export function heartbeat(now: () => number): Heartbeat {
  let last = now();
  return {
    spoke: () => void (last = now()),
    due() {
      if (now() - last < SILENCE) return false;
      last = now();
      return true;
    },
  };
}
