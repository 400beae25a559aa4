import { list, OWNER, remove } from "../proxmox/api/run_tokens.ts";
import { NotFound } from "../proxmox/http/errors.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import type { ClusterModule } from "./context.ts";

/** A token that a login by SSH alone has left behind is removed. */
export interface RemoveToken {
  readonly kind: "remove-token";
  /** `token:root@pam!pxrun-…` */
  readonly id: string;
  /** The part of its id behind the user. */
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** Only while it is as it was when it was listed: another run may have made one of its name. */
export const removeToken: ClusterModule<RemoveToken> = {
  describe: ({ name }) => ({
    title: `remove the token ${OWNER}!${name}`,
    by: "API",
    call: `DELETE /access/users/${OWNER}/token/${name}`,
  }),
  async run({ name, host, pid, expires }, { cluster, signal }) {
    const rest = withSignal(cluster.rest, signal);
    const same = (await list(rest)).some((one) =>
      one.name === name && one.host === host && one.pid === pid && one.expires === expires
    );
    if (!same) return { changed: false };
    await remove(rest, name).catch((error) => {
      // Its own run, or another cleanup, was quicker.
      if (!(error instanceof NotFound)) throw error;
    });
    return {};
  },
};
