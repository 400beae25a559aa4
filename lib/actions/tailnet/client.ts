import type { Cluster } from "../../cluster/cluster.ts";
import { createClient, type TailscaleClient } from "../../tailscale/client.ts";

/** Tailscale's API, where a key for it is known. */
export function tailnetClient(
  { tailscale: { apiKey, tailnet }, platform: { fetch, clock } }: Pick<
    Cluster,
    "tailscale" | "platform"
  >,
): TailscaleClient | undefined {
  return apiKey && createClient({ fetch, clock, apiKey, tailnet });
}
