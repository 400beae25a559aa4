import type { Clock } from "../../../lib/core/platform.ts";

/** The time of the machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

/** The cluster's time in whole seconds, as Proxmox's replies carry it. */
export function seconds(cluster: { readonly clock: Clock }): number {
  return Math.floor(cluster.clock.now() / 1000);
}

/** Lets the cluster's time pass; ends with the simulator. */
export function pause(
  cluster: { readonly clock: Clock; readonly closing: AbortController },
  ms: number,
): Promise<void> {
  return cluster.clock.sleep(ms, cluster.closing.signal);
}
