import type { Cluster } from "../state/cluster.ts";
import { strike } from "../state/faults.ts";
import { replaceCt } from "../state/ct/replace.ts";
import { pause } from "../state/time.ts";

/** Outcome of a fault for a request before it is handled. */
export type Disturbance =
  | { readonly kind: "drop" }
  | { readonly kind: "status"; readonly status: number; readonly reason: string };

const REASONS: Readonly<Record<number, string>> = {
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  595: "No route to host",
  596: "Connection timed out",
};

/** Applies the faults that strike a request before it is handled. */
export async function disturb(
  cluster: Cluster,
  method: string,
  path: string,
): Promise<Disturbance | undefined> {
  const at = { method, path };
  const delay = strike(cluster, "delay", at);
  if (delay) await pause(cluster, delay.ms ?? 100);
  if (strike(cluster, "drop", at)) return { kind: "drop" };
  const answer = strike(cluster, "status", at);
  if (answer) {
    const status = answer.status ?? 503;
    return { kind: "status", status, reason: answer.message ?? REASONS[status] ?? "Error" };
  }
  const vmid = Number(/\/lxc\/(\d+)/.exec(path)?.[1]);
  const replaced = vmid ? strike(cluster, "replaced", at) : undefined;
  if (replaced) replaceCt(cluster, vmid, replaced.message);
  const ct = cluster.cts.get(vmid);
  const lock = ct && strike(cluster, "lock", at);
  if (lock) ct.config["lock"] = lock.message ?? "backup";
  return undefined;
}

/** True if the reply to a request gets lost on its way back. */
export function losesReply(cluster: Cluster, method: string, path: string): boolean {
  return strike(cluster, "drop-reply", { method, path }) !== undefined;
}

/** Reply as an intermediary changes it on its way back, if it does. */
export function oddReply(cluster: Cluster, method: string, path: string): string | undefined {
  const odd = strike(cluster, "odd-reply", { method, path });
  return odd && (odd.message ?? "");
}
