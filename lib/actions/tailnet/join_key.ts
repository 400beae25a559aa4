import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import { devices } from "../../tailscale/devices.ts";
import { type AuthKey, createKey, deleteKey } from "../../tailscale/keys.ts";
import type { Step } from "../../provision/step.ts";
import { withJoinKey } from "../../provision/steps/tailscale.ts";
import type { Join } from "./binding.ts";
import { tailnetClient } from "./client.ts";

/** The key that one container joins with, and what is known of the join. */
export interface JoinKey extends Join {
  /** Makes it, where none is given; once. No signal ends that: a key that no one knows would stay. */
  make(): Promise<void>;
  /** Revokes what was made; a node that has joined with it stays. */
  revoke(signal?: AbortSignal): Promise<void>;
  /** Gives the step that joins its key, making it first where that was not done. */
  complete(step: Step): Promise<Step>;
}

/**
 * The key for the container of a recipe. Nothing is made yet.
 *
 * @param hostname The container's, where it is not that of the recipe.
 */
export function joinKey(
  cluster: Cluster,
  { container, provisioning: { tailscale } }: Recipe,
  hostname = container.hostname,
): JoinKey {
  const { authKey, tags } = cluster.tailscale;
  const given = tailscale?.auth_key ?? authKey;
  const client = tailnetClient(cluster);
  let made: AuthKey | undefined;
  let before: ReadonlySet<string> | undefined;
  const lookBefore = async (): Promise<void> => {
    if (client === undefined || before !== undefined) return;
    // A key at hand needs no API: without it the container is not bound to its node.
    try {
      before = new Set((await devices(client)).map(({ id }) => id));
    } catch (error) {
      if (!(error instanceof PxrunError)) throw error;
    }
  };
  const make = async (): Promise<void> => {
    if (given !== undefined || client === undefined || made !== undefined) return;
    const ephemeral = tailscale?.ephemeral ?? false;
    const description = `pxrun ${container.hostname}`;
    made = await createKey(client, { tags, ephemeral, description });
  };
  return {
    hostname: tailscale?.hostname ?? hostname,
    get before() {
      return before;
    },
    make,
    async revoke(signal) {
      if (made === undefined || client === undefined) return;
      const { id } = made;
      made = undefined;
      await deleteKey(client, id, signal);
    },
    async complete(step) {
      if (step.kind !== "tailscale") return step;
      await Promise.all([make(), lookBefore()]);
      const key = given ?? made?.key;
      if (key === undefined) return step;
      return withJoinKey(step, key instanceof Secret ? key : new Secret(key));
    },
  };
}
