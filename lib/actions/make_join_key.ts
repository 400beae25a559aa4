import { API } from "../tailscale/client.ts";
import { KEYS_PAGE } from "../tailscale/pages.ts";
import type { ClusterModule } from "./context.ts";
import { recipeNeeded } from "./provision.ts";

/** A key is made that the container joins a tailnet with. */
export interface MakeJoinKey {
  readonly kind: "make-join-key";
  readonly id: "tailscale-key";
}

/** The key is temporary: it is revoked in the end, whatever becomes of the rest. */
export const makeJoinKey: ClusterModule<MakeJoinKey> = {
  describe: () => ({
    title: "make a key for the tailnet",
    by: "API",
    call: `POST ${API}/tailnet/…/keys`,
  }),
  async run(_, { inside, undo }) {
    if (inside === undefined) throw recipeNeeded();
    const { key } = inside;
    const revoke = (patience: AbortSignal): Promise<void> => key.revoke(patience);
    undo.add("revoke the key for the tailnet", revoke, { temporary: true, byHand: KEYS_PAGE });
    await key.make();
    return { done: "made a key for the tailnet" };
  },
};
