import type { Cluster } from "../../cluster/cluster.ts";
import type { Event } from "../../run/event.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";
import { runStep, type StepOutcome } from "../../run/step.ts";
import type { JoinKey } from "../tailnet/join_key.ts";
import type { Undo } from "../../run/undo.ts";
import type { Address } from "../../cluster/guests/address.ts";
import type { TailscaleNode } from "../../run/result.ts";
import type { Target } from "../../cluster/changes/same_guest.ts";
import { isOurs, type OwnContainer } from "./own.ts";

/** How a create is to be carried out. */
export interface CreateOptions {
  /** Ends it; what was made is then taken back. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the taking back, too: what is left is told, with what to type to be rid of it. */
  readonly leave?: AbortSignal | undefined;
  /**
   * Whether a container that runs already is kept when something goes wrong. Absent:
   * kept when a step inside it fails, removed when the run is interrupted.
   */
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/** A create that is under way: what all of its steps share. */
export interface Creating {
  readonly cluster: Cluster;
  readonly plan: CreatePlan;
  /** How the steps done so far are taken back. */
  readonly undo: Undo;
  /** What the container joins a tailnet with. */
  readonly key: JoinKey;
  /** Step → what it had to say. */
  readonly notes: Record<string, readonly string[]>;
  /** Step → milliseconds. */
  readonly durations: Record<string, number>;
  readonly signal: AbortSignal | undefined;
  /** The container, once it is made. */
  ours?: OwnContainer;
}

/** Runs one step of a create between its events, and takes its time. */
export function createStep<T>(
  { cluster, durations }: Creating,
  id: string,
  title: string,
  run: () => Promise<StepOutcome<T>>,
): AsyncGenerator<Event, T> {
  return runStep(cluster.world.clock, { id, title }, run, durations);
}

/** The container of a create, once it is made. */
export function ownTarget({ ours, signal }: Creating): Target {
  if (ours === undefined) throw new TypeError("no container was made yet");
  const { vmid, node } = ours;
  return { vmid, node, signal, is: isOurs(ours) };
}

/** What there is after the first start. */
export interface Settled {
  readonly addresses: readonly Address[];
  readonly tailscale?: TailscaleNode | undefined;
  /** Who can log in by SSH; undefined where no one is known to. */
  readonly sshUser?: string | undefined;
}
