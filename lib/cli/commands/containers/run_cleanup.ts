import type { Cluster } from "../../../cluster/cluster.ts";
import { PxrunError } from "../../../core/errors.ts";
import {
  type LeftContainers,
  leftContainers,
  removeLeft,
} from "../../../operations/cleanup/left_containers.ts";
import {
  type LeftToken,
  leftTokens,
  removeTokens,
} from "../../../operations/cleanup/left_tokens.ts";
import { leftText } from "../../../render/left.ts";
import { adviceText } from "../../../render/remedy.ts";
import { carryOut } from "../../app/batch.ts";
import { withCluster } from "../../app/cluster.ts";
import { errStyle } from "../../app/colors.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { folded, print } from "../../app/output.ts";
import type { SelectedOptions } from "../../app/selectors.ts";
import { showProgress } from "../../app/progress.ts";

/** The flags of `pxrun cleanup`. */
export interface CleanupFlags extends Pick<SelectedOptions, "yes" | "dryRun"> {
  readonly all?: true | undefined;
}

/** Finds the leftovers, asks, and removes them. */
export async function runCleanup(flags: CleanupFlags, context: Context): Promise<void> {
  const { platform } = context;
  await withCluster(context, "the cleanup", async (cluster, signal) => {
    const [containers, tokens] = await Promise.all([
      leftContainers(cluster, signal),
      visibleTokens(cluster, context, signal),
    ]);
    const { unfinished, failed, unseen } = containers;
    if (flags.dryRun) {
      await print(context, {
        table: folded((style) => leftText(containers, tokens, style)),
        data: { unfinished, failed, unseen, tokens },
      });
      return assertAllSeen(containers);
    }
    platform.terminal.err(leftText(containers, tokens, errStyle(context)));
    const over = unfinished.filter(({ state }) => state === "over");
    const chosen = tokens.filter(({ over }) => over || flags.all);
    const used = unfinished.filter(({ state, remedy }) =>
      (state === "live" || state === "unknown") && remedy === undefined
    );
    if (used.length > 0) {
      const vmids = used.map(({ vmid }) => vmid).join(" ");
      platform.terminal.err(
        `${counted(used.length, "container")} may still be worked on; ` +
          `if you know better: pxrun destroy ${vmids}\n`,
      );
    }
    const inUse = counted(tokens.length - chosen.length, "token");
    if (inUse !== "") platform.terminal.err(`${inUse} may be in use; --all removes such too\n`);
    const parts = [counted(over.length, "container"), counted(chosen.length, "token")];
    const what = parts.filter((part) => part !== "").join(" and ");
    const isIdle = what === "";
    if (isIdle && unfinished.length + tokens.length > 0) {
      platform.terminal.err("nothing was done\n");
    }
    if (!isIdle && !flags.yes) {
      await confirmOrCancel(platform, `Remove ${what}?`, `remove ${what}`, false, signal);
    }
    if (chosen.length > 0) {
      for await (const _ of showProgress(removeTokens(cluster, chosen, signal), context));
      platform.terminal.err(`${counted(chosen.length, "token")} removed\n`);
    }
    const events = removeLeft(cluster, over, { signal });
    const destroyed = over.length === 0 ? [] : await carryOut(events, {
      what: "the cleanup",
      done: "destroyed",
      containers: over,
      several: true,
      signal,
      resultOf: (event) => event.type === "destroyed" ? event.result : undefined,
    }, context);
    if (isIdle || !context.events) {
      await print(context, { data: { removed: { containers: destroyed, tokens: chosen } } });
    }
    assertAllSeen(containers);
  }, !flags.yes);
}

/**
 * Containers that cannot be inspected may be leftovers.
 *
 * @throws {PxrunError} When there are any.
 */
function assertAllSeen({ unfinished, unseen }: LeftContainers): void {
  const names = unfinished.filter(({ state }) => state === "unseen").map(({ vmid }) => `${vmid}`);
  const count = names.length + unseen.length;
  if (count === 0) return;
  const what = names.length === 0 ? "" : `: containers ${names.join(" ")}`;
  throw new PxrunError("FAILED", `not everything could be inspected${what}`, {
    hint: "the reasons are above; run pxrun cleanup again when the nodes answer",
  });
}

/** A user with a token of their own mostly has left none of root's, and may not list them. */
async function visibleTokens(
  cluster: Cluster,
  { platform }: Context,
  signal: AbortSignal,
): Promise<LeftToken[]> {
  return await leftTokens(cluster, signal).catch((error) => {
    if (!(error instanceof PxrunError) || error.code !== "PERMISSION_DENIED") throw error;
    platform.terminal.err(`tokens cannot be listed: ${error.message}; ${adviceText(error)}\n`);
    return [];
  });
}

/** A number of something; empty for none. */
function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;
}
