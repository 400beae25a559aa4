import type { RemoveToken } from "../../actions/remove_token.ts";
import { moduleOf } from "../../actions/table.ts";
import { assertWrites, type Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Platform } from "../../core/platform.ts";
import { PermissionDenied } from "../../proxmox/http/errors.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import type { Event } from "../../run/event.ts";
import { runActions } from "../../run/run_actions.ts";
import { createUndo } from "../../run/undo.ts";
import { list, OWNER, type RunToken } from "../../proxmox/api/run_tokens.ts";

/** A token that a login by SSH alone has made and not removed. */
export interface LeftToken {
  /** `user@realm!name`. */
  readonly id: string;
  /** The machine and the process that made it. */
  readonly host: string;
  readonly pid: number;
  /** Time when it expires, in milliseconds since the epoch. */
  readonly expires: number;
  /** True if its run has ended for certain: what another machine or container runs is not seen here. */
  readonly over: boolean;
}

/**
 * The tokens that runs have left, without that of this run itself.
 *
 * @throws {PxrunError} PERMISSION_DENIED for a login that may not see the tokens of root@pam.
 */
export async function leftTokens(cluster: Cluster, signal?: AbortSignal): Promise<LeftToken[]> {
  try {
    const tokens = await list(withSignal(cluster.rest, signal));
    return tokens.map((token) => leftToken(token, cluster.platform))
      .filter(({ id }) => id !== cluster.tokenId);
  } catch (error) {
    if (!(error instanceof PermissionDenied)) throw error;
    throw new PxrunError("PERMISSION_DENIED", `${cluster.tokenId} may not see tokens of ${OWNER}`, {
      cause: error,
      remedies: [{ kind: "cleanup-by-ssh" }],
    });
  }
}

function leftToken(
  { name, host, pid, pidScope, expires }: RunToken,
  { clock, self }: Pick<Platform, "clock" | "self">,
): LeftToken {
  const ended = pidScope !== undefined && pidScope === self.pidScope && !self.isRunning(pid);
  return { id: `${OWNER}!${name}`, host, pid, expires, over: ended || expires <= clock.now() };
}

/** Removes tokens, one after the other: those that are still as they were when they were listed. */
export function removeTokens(
  cluster: Cluster,
  tokens: readonly LeftToken[],
  signal?: AbortSignal,
): AsyncGenerator<Event, void> {
  assertWrites(cluster, "remove tokens");
  const { clock } = cluster.platform;
  const context = { cluster, clock, signal, undo: createUndo(), notes: {}, durations: {} };
  const actions = tokens.map(({ id, host, pid, expires }): RemoveToken => ({
    kind: "remove-token",
    id: `token:${id}`,
    name: id.slice(`${OWNER}!`.length),
    host,
    pid,
    expires,
  }));
  return runActions(actions, moduleOf<RemoveToken>, context);
}
