import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import { devices } from "../../tailscale/devices.ts";
import type { TailnetFacts } from "../../plan/tailnet.ts";
import { tailnetClient } from "../../actions/tailnet/client.ts";

/** Finds out with what key a recipe's container would join; undefined where it is not to. */
export async function lookAtTailnet(
  cluster: Cluster,
  { provisioning: { tailscale } }: Recipe,
  signal: AbortSignal | undefined,
): Promise<TailnetFacts | undefined> {
  if (tailscale === undefined) return undefined;
  const given = tailscale.auth_key ?? cluster.tailscale.authKey;
  const client = tailnetClient(cluster);
  const key = given !== undefined ? "given" : client !== undefined ? "made" : undefined;
  if (client === undefined) return { key, names: [] };
  try {
    const found = await devices(client, signal);
    return { key, names: found.map(({ name }) => name.split(".")[0] ?? "") };
  } catch (error) {
    if (signal?.aborted || !(error instanceof PxrunError)) throw error;
    const { code, message, hint } = error;
    // With a key at hand nothing more is needed of the API.
    const problem = key === "made" ? { problem: { code, message, hint } } : {};
    return { key, names: [], ...problem };
  }
}
