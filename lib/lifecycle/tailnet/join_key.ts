import type { Cluster } from "../../connect/cluster.ts";
import { Secret } from "../../core/secret.ts";
import type { Recipe } from "../../recipe/types.ts";
import { type AuthKey, createKey, deleteKey } from "../../tailscale/keys.ts";
import type { Step } from "../provision/step.ts";
import { withJoinKey } from "../provision/steps/tailscale.ts";
import { tailnetClient } from "./client.ts";

/** The key that one container joins with. */
export interface JoinKey {
  /** Makes it, where none is given; once. No signal ends that: a key that nobody knows would stay. */
  make(): Promise<void>;
  /** Revokes what was made; a node that has joined with it stays. */
  revoke(signal?: AbortSignal): Promise<void>;
  /** Gives the step that joins its key, making it first where that was not done. */
  complete(step: Step): Promise<Step>;
}

/** The key for the container of a recipe. Nothing is made yet. */
export function joinKey(
  cluster: Cluster,
  { container, provisioning: { tailscale } }: Recipe,
): JoinKey {
  const { authKey, tags } = cluster.tailscale;
  const given = tailscale?.auth_key ?? authKey;
  const client = tailnetClient(cluster);
  let made: AuthKey | undefined;
  const make = async (): Promise<void> => {
    if (given !== undefined || client === undefined || made !== undefined) return;
    const ephemeral = tailscale?.ephemeral ?? false;
    const description = `pxrun ${container.hostname}`;
    made = await createKey(client, { tags, ephemeral, description });
  };
  return {
    make,
    async revoke(signal) {
      if (made === undefined || client === undefined) return;
      const { id } = made;
      made = undefined;
      await deleteKey(client, id, signal);
    },
    async complete(step) {
      if (step.kind !== "tailscale") return step;
      await make();
      const key = given ?? made?.key;
      if (key === undefined) return step;
      return withJoinKey(step, key instanceof Secret ? key : new Secret(key));
    },
  };
}
