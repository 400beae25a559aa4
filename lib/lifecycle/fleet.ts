import { PxrunError } from "../core/errors.ts";
import { type Lane, runLanes } from "../core/lanes.ts";
import type { Clock } from "../core/world.ts";
import type { Event } from "./event.ts";

/** How many containers are worked on at once when nobody says. */
export const PARALLEL = 8;
/** How many of them on one node: more would only wait for its disks and its locks. */
const PER_NODE = 8;

/** How work on several containers is to be carried out. */
export interface FleetLimits {
  /** How many at once; 8 when absent. */
  readonly parallel?: number | undefined;
  /** Begin no further one after a failure. */
  readonly failFast?: boolean | undefined;
  /** Ends it: no further one begins, and those under way end as they would alone. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens to one of several containers, of all that `E` can be. */
export type FleetEvent<E = Event> =
  & { readonly container: string }
  & (
    | E
    /** It did not succeed; what that means for it is in the error. */
    | { readonly type: "failed"; readonly error: PxrunError; readonly at: number }
    /** It was not begun, since another had failed or the run was interrupted. */
    | { readonly type: "skipped"; readonly at: number }
  );

/** The work on one container. */
export interface FleetJob<E> {
  /** What it is called in every event. */
  readonly container: string;
  readonly node: string;
  run(): AsyncIterable<E>;
}

/** What each of several containers is called: its hostname, and its vmid where that is not enough. */
export function fleetNames(
  containers: readonly { readonly vmid: number; readonly hostname?: string }[],
): readonly string[] {
  return containers.map(({ vmid, hostname }) => {
    if (hostname === undefined) return String(vmid);
    const alone = containers.filter((other) => other.hostname === hostname).length === 1;
    return alone ? hostname : `${hostname} (${vmid})`;
  });
}

/** Works on several containers side by side. One that fails leaves the others alone. */
export async function* runFleet<E>(
  clock: Clock,
  jobs: readonly FleetJob<E>[],
  { parallel = PARALLEL, failFast = false, signal }: FleetLimits,
): AsyncGenerator<FleetEvent<E>, void> {
  const begun = new Set<FleetJob<E>>();
  let failed = false;
  const lane = (job: FleetJob<E>): Lane<FleetEvent<E>> => ({
    key: job.node,
    async *run() {
      const { container } = job;
      begun.add(job);
      try {
        for await (const event of job.run()) yield { container, ...event };
      } catch (error) {
        // A fault of pxrun itself ends everything.
        if (!(error instanceof PxrunError)) throw error;
        failed = true;
        yield { container, type: "failed", error, at: clock.now() };
      }
    },
  });
  yield* runLanes(jobs.map(lane), {
    all: parallel,
    perKey: PER_NODE,
    stop: () => signal?.aborted === true || failFast && failed,
  });
  for (const job of jobs) {
    if (begun.has(job)) continue;
    yield { container: job.container, type: "skipped", at: clock.now() };
  }
}
