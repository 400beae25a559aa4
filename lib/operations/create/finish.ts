import { type ActionContext, targetOf } from "../../actions/context.ts";
import { seeOwnNode } from "../../actions/tailnet/own_node.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Address } from "../../cluster/guests/address.ts";
import { list } from "../../cluster/guests/list.ts";
import { sameHostname } from "../../cluster/guests/names.ts";
import { unmark } from "../../cluster/guests/marker.ts";
import { commandLine } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import type { Event } from "../../run/event.ts";
import type { Created, TailscaleNode } from "../../run/result.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import type { CreateOptions } from "./create_options.ts";
import { hasSshServer, nodeCommand, sshCommand, userWithKey } from "./login_commands.ts";

/** State once all actions are done. */
export interface Settled {
  readonly addresses: readonly Address[];
  readonly tailscale?: TailscaleNode | undefined;
  /** Users who can log in by SSH; undefined if none is known to. */
  readonly sshUser?: string | undefined;
}

/** Facts about a finished container. */
interface Done extends Settled {
  readonly ahead: Prefetched;
  /** Time when the create began. */
  readonly since: number;
}

/** Inputs of the end of a create. */
interface Prefetched {
  /** The configuration, as it is before its mark is removed. */
  readonly seen: Promise<lxc.LxcConfig>;
  /** The warning that another container of the name was made meanwhile. */
  readonly twin: Promise<string | undefined>;
}

/** Requests what the end needs while there is something else to wait for. */
export function prefetch(plan: CreatePlan, context: ActionContext): Prefetched {
  const { cluster } = context;
  const { vmid, node } = targetOf(context);
  const seen = lxc.config(cluster.rest, node, vmid);
  // The caller awaits it later.
  seen.catch(() => {});
  return {
    seen,
    twin: plan.hasTwin ? Promise.resolve(undefined) : twinMade(cluster, plan.hostname, vmid),
  };
}

/** Two creates of one name at the same time do not see each other when they plan. */
async function twinMade(
  cluster: Cluster,
  hostname: string,
  vmid: number,
): Promise<string | undefined> {
  try {
    const rows = await list(cluster);
    const twin = rows.find((row) => sameHostname(row.hostname, hostname) && row.vmid !== vmid);
    return twin && `${hostname} is the name of container ${twin.vmid} on ${twin.node} too, made ` +
        "meanwhile: call them by their vmids";
  } catch (error) {
    if (error instanceof PxrunError) return undefined;
    throw error;
  }
}

/** Facts that a provisioned container reports: its tailnet node, and who can log in. */
export async function settledInside(
  context: ActionContext,
  recipe: Recipe | undefined,
): Promise<Pick<Settled, "tailscale" | "sshUser">> {
  const { cluster, clock, signal, session, joins } = context;
  if (session === undefined || recipe === undefined) return {};
  const target = targetOf(context);
  const { sudo, same } = session;
  const options = { clock, signal, sudo, same };
  const open = (): Promise<SshTransport> => cluster.ssh(target.node, signal);
  const own = joins ? await seeOwnNode(open, target.vmid, options) : undefined;
  const user = userWithKey(recipe);
  const listens = user !== undefined && await hasSshServer(open, target.vmid, options);
  return {
    tailscale: own && { name: own.name, addresses: own.addresses },
    sshUser: listens ? user : undefined,
  };
}

/** Removes the mark of an unfinished container and gives what was made. */
export async function* finishCreate(
  plan: CreatePlan,
  context: ActionContext,
  { addresses, tailscale, sshUser, ahead, since }: Done,
  { recipe, leave }: CreateOptions,
): AsyncGenerator<Event, Created, undefined> {
  const { cluster, clock, notes, durations, undo } = context;
  const { vmid, node } = targetOf(context);
  const { hostname, container } = plan;
  const isMarked = plan.actions.some((one) =>
    one.kind === "create-container" && one.marker !== "none"
  );
  const [terminal, unmarked, twin] = await Promise.all([
    // There is nothing to enter before it runs.
    nodeCommand(cluster, node, ["pct", plan.start ? "enter" : "start", String(vmid)]),
    !isMarked ? undefined : unmark(cluster, targetOf(context), {
      // Protecting it changed the configuration since.
      seen: container.protection ? undefined : ahead.seen,
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
  const ssh = first && sshUser && recipe &&
    await sshCommand(recipe, sshUser, first.address, cluster.platform);
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
