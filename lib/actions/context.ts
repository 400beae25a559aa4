import type { Cluster } from "../cluster/cluster.ts";
import type { Meant, Target } from "../cluster/changes/same_guest.ts";
import type { Address } from "../cluster/guests/address.ts";
import type { NameFacts } from "../cluster/guests/names.ts";
import type { ReachedSame } from "../cluster/guests/reach.ts";
import type { Place } from "../cluster/guests/where.ts";
import type { PlanProblem } from "../core/problem.ts";
import type { Shells } from "../guest/resilient_session.ts";
import type { Step } from "../provision/step.ts";
import type { ActionModule, RunState } from "../run/run_actions.ts";
import type { Undo, UndoOptions } from "../run/undo.ts";
import { TaskFailed } from "../proxmox/http/errors.ts";
import type { Task } from "../proxmox/task.ts";
import type { JoinKey } from "./tailnet/join_key.ts";

/** Groups by name, with their gids inside the container. */
export type Gids = ReadonlyMap<string, number>;

/** State that the actions of one run share: what an earlier one finds out, a later one needs. */
export interface ActionContext extends RunState {
  readonly cluster: Cluster;
  /** Undo of what was done so far. */
  readonly undo: Undo;
  /** Action → what it had to say. */
  readonly notes: Record<string, readonly string[]>;
  /** Inputs of the provisioning that no plan holds; absent where nothing is done inside. */
  readonly inside?: Inside | undefined;
  /** The nodes where the hostname was looked for; absent where it may be in use. */
  readonly names?: NamesSeen | undefined;
  /** The container that is acted on, and what tells it from another one with its VMID. */
  guest?: Guest;
  /** Groups that were given a device and that the container does not have yet. */
  groups?: Gids;
  addresses?: readonly Address[];
  /** Session into the container, where it was opened beforehand. */
  session?: Session;
  /** True once the container has begun to join a tailnet. */
  joins?: boolean;
  /** Name of the tailnet node that was removed. */
  removedNode?: string;
}

/** The container that is acted on. It may be another one by now: `is` decides before each change. */
export interface Guest extends Place {
  is: Meant;
}

/** Inputs of the provisioning besides the plan. */
export interface Inside {
  /** The steps by their ids. */
  readonly steps: ReadonlyMap<string, Step>;
  /** Key that the container joins a tailnet with. */
  readonly key: JoinKey;
}

/** Location where a hostname was looked for. */
export interface NamesSeen {
  readonly nodes: readonly string[];
  /** Reason why a container of the hostname must not be made, by the names that there are now. */
  problem(now: NameFacts): PlanProblem | undefined;
}

/** Shells in a container, open beforehand. */
export interface Session extends Pick<ReachedSame, "ssh" | "sudo" | "same"> {
  readonly shells: Shells;
}

/** A kind of change to a cluster. */
export type ClusterModule<A> = ActionModule<A, ActionContext>;

/** The container that is acted on, to be compared before each change. */
export function targetOf({ guest, signal }: ActionContext): Target {
  if (guest === undefined) throw new TypeError("no container was made yet");
  return { vmid: guest.vmid, node: guest.node, signal, is: (config) => guest.is(config) };
}

/**
 * Waits for a task that is ended when the run is undone.
 *
 * @param title What its end is called: "stop the start".
 */
export async function waitOrUndo(
  task: Task,
  { undo, signal }: ActionContext,
  title: string,
  options: UndoOptions = {},
): Promise<readonly string[]> {
  const ended = undo.add(title, async (patience) => {
    await task.cancel(patience);
  }, options);
  const warnings = await task.wait({ signal }).catch((error) => {
    // There is nothing to end any more.
    if (error instanceof TaskFailed) ended();
    throw error;
  });
  ended();
  return warnings;
}
