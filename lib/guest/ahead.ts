import { Kept, limits } from "../core/limits.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { enter, type EnterOptions } from "./enter.ts";

/** A way into a container that was prepared before there was anything to do. */
export interface ShellAhead {
  /** Whether a script can be given to it; otherwise another way in is needed. */
  readonly usable: boolean;
  /** Whether the node waits in it for a script. */
  readonly begun: boolean;
  /** Gives it its script, once. Like `enter` from there on. */
  run(script: string, options: EnterOptions): Promise<ExecResult>;
  /** Ends it without a script. */
  leave(): void;
}

/**
 * Prepares to enter a container for a script that comes later, while something else goes on, so
 * that on a slow line only the script itself takes a round trip. Until then the node waits, and
 * not the container: that need not even run.
 *
 * @param sudo The SSH user is not root.
 */
export function enterAhead(ssh: SshTransport, vmid: number, sudo: boolean): ShellAhead {
  const script = Promise.withResolvers<string>();
  const over = new AbortController();
  const stdout = new Kept("what the script prints", limits.output);
  const stderr = new Kept("what the script prints", limits.output);
  let onStdout = (chunk: Uint8Array): void => stdout.take(chunk);
  let onStderr = (chunk: Uint8Array): void => stderr.take(chunk);
  let usable = true;
  let begun = false;
  const ended = enter(ssh, vmid, script.promise, {
    sudo,
    signal: over.signal,
    onBegun: () => begun = true,
    onStdout: (chunk) => onStdout(chunk),
    onStderr: (chunk) => onStderr(chunk),
  }).finally(() => usable = false);
  // Whoever runs something in it sees its failure; without that it is none.
  ended.catch(() => {});
  return {
    get usable() {
      return usable;
    },
    get begun() {
      return begun;
    },
    async run(text, options) {
      usable = false;
      if (options.onStdout) onStdout = options.onStdout;
      if (options.onStderr) onStderr = options.onStderr;
      const { signal } = options;
      const giveUp = (): void => over.abort(signal?.reason);
      if (signal?.aborted) giveUp();
      signal?.addEventListener("abort", giveUp, { once: true });
      script.resolve(text);
      try {
        const { code, signal } = await ended;
        return { code, signal, stdout: stdout.bytes(), stderr: stderr.bytes() };
      } finally {
        signal?.removeEventListener("abort", giveUp);
      }
    },
    leave() {
      if (usable) over.abort(new Error("nothing was left to do"));
      usable = false;
    },
  };
}
