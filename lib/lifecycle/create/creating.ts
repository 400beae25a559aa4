import type { Cluster } from "../../connect/cluster.ts";
import type { Event } from "../event.ts";
import type { CreatePlan } from "../plan.ts";
import { runStep, type StepOutcome } from "../step.ts";
import type { JoinKey } from "../tailnet/join_key.ts";
import type { Undo } from "../undo.ts";
import type { OwnContainer } from "./own.ts";

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
