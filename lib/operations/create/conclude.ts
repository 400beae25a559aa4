import { commandLine } from "../../core/argv.ts";
import type { Event } from "../../run/event.ts";
import type { Created } from "../../run/result.ts";
import { unmark } from "../../cluster/guests/set_marks.ts";
import type { Settled } from "./creating.ts";
import type { Creating } from "./creating.ts";
import type { Ahead } from "./look_ahead.ts";
import { ownTarget } from "./creating.ts";
import { nodeCommand, sshCommand } from "./shells_to_copy.ts";

/** What is known of a container when all steps are done. */
export interface Done extends Settled {
  readonly vmid: number;
  /** What was asked for meanwhile. */
  readonly ahead: Ahead;
  /** When the create began. */
  readonly since: number;
}

/** Removes the mark of an unfinished container and gives what was made. */
export async function* conclude(
  creating: Creating,
  { vmid, addresses, tailscale, sshUser, ahead, since }: Done,
  leave: AbortSignal | undefined,
): AsyncGenerator<Event, Created, undefined> {
  const { cluster, plan, notes, durations, undo } = creating;
  const { clock } = cluster.world;
  const { node } = plan.placement;
  const { recipe } = plan;
  const { hostname } = recipe.container;
  const [terminal, unmarked, twin] = await Promise.all([
    // There is nothing to enter before it runs.
    nodeCommand(cluster, node, ["pct", plan.start ? "enter" : "start", String(vmid)]),
    plan.mark === "none" ? undefined : unmark(cluster, ownTarget(creating), {
      // What protects it changed the configuration since.
      seen: plan.recipe.container.protection ? undefined : ahead.seen,
      signal: leave,
    }),
    ahead.twin,
  ]);
  // From here on it is finished, also for a caller that stops listening.
  undo.forget();
  for (const message of [unmarked, twin]) {
    if (message !== undefined) yield { type: "warning", message, at: clock.now() };
  }
  const [first] = addresses;
  const ssh = first && sshUser &&
    await sshCommand(recipe, sshUser, first.address, cluster.world);
  const isUnique = !plan.hasTwin && twin === undefined;
  return {
    vmid,
    node,
    hostname,
    status: plan.start ? "running" : "stopped",
    addresses: addresses.map(({ address }) => address),
    next: commandLine(["pxrun", "shell", isUnique ? hostname : String(vmid)]),
    ...(ssh && { ssh }),
    ...(terminal && { [plan.start ? "console" : "start"]: terminal }),
    ...(tailscale && { tailscale }),
    ...(Object.keys(notes).length > 0 && { notes }),
    durations: { ...durations, total: clock.now() - since },
  };
}
