import type { Clock } from "../../../../lib/core/platform.ts";
import type { Cluster } from "../cluster.ts";
import { failed } from "../error.ts";
import { strike } from "../faults.ts";
import { replaceCt } from "./replace.ts";

/** Waiting for a lock: who may end it, and where to say so. */
export interface LockOptions {
  readonly signal: AbortSignal;
  /** Sees the lines that a task logs while it waits. */
  readonly log?: (line: string) => void;
}

/**
 * Runs `body` with a container's configuration file locked. Whoever comes
 * second waits, for a while.
 *
 * @throws {PveError} 500 when the lock does not come free in time.
 */
export async function withLock<T>(
  cluster: Cluster,
  vmid: number,
  { signal, log }: LockOptions,
  body: () => Promise<T> | T,
): Promise<T> {
  const timeout = failed(`can't lock file '/run/lock/lxc/pve-config-${vmid}.lock' - got timeout`);
  const ahead = cluster.locks.get(vmid);
  const turn = Promise.withResolvers<void>();
  const last = (ahead ?? Promise.resolve()).then(() => turn.promise);
  cluster.locks.set(vmid, last);
  try {
    const at = { path: `/lxc/${vmid}` };
    const replaced = strike(cluster, "replaced-while-busy", at);
    const busy = replaced ?? strike(cluster, "busy", at);
    if (ahead || busy) {
      log?.("trying to acquire lock...");
      const free = busy ? Promise.race([]) : ahead;
      if (!await before(cluster.clock, free, cluster.timings.lockTimeoutMs, signal)) {
        if (replaced) replaceCt(cluster, vmid, replaced.message);
        throw timeout;
      }
      log?.(" OK");
    }
    return await body();
  } finally {
    turn.resolve();
    last.then(() => cluster.locks.get(vmid) === last && cluster.locks.delete(vmid));
  }
}

/** True if the promise settles within `ms`. */
async function before(
  clock: Clock,
  promise: Promise<void> | undefined,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([
      Promise.resolve(promise).then(() => true),
      clock.sleep(ms, stop.signal).then(() => false),
    ]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    stop.abort();
  }
}
