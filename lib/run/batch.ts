import { type ErrorCode, PxrunError } from "../core/errors.ts";
import { type Lane, runLanes } from "../core/lanes.ts";
import { type Operation, startOperation } from "../core/operation.ts";
import type { Clock } from "../core/world.ts";
import type { Event } from "./event.ts";

/** How many containers are worked on at once when nobody says. */
export const PARALLEL = 8;
/** How many of them on one node: more would only wait for its disks and its locks. */
const PER_NODE = 8;

/** How work on several containers is to be carried out. */
export interface BatchLimits {
  /** How many at once; 8 when absent. */
  readonly parallel?: number | undefined;
  /** Begin no further one after a failure. */
  readonly failFast?: boolean | undefined;
  /** Ends it: no further one begins, and those under way end as they would alone. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens to one of several containers, of all that `E` can be. */
export type BatchEvent<E = Event> =
  & { readonly container: string }
  & (
    | E
    /** It did not succeed; what that means for it is in the error. */
    | { readonly type: "failed"; readonly error: PxrunError; readonly at: number }
    /** It was not begun, since another had failed or the run was interrupted. */
    | { readonly type: "skipped"; readonly at: number }
  );

/** The work on one container. */
export interface BatchJob<E> {
  /** What it is called in every event. */
  readonly container: string;
  readonly node: string;
  run(): AsyncIterable<E>;
}

/** What each of several containers is called: its hostname, and its vmid where that is not enough. */
export function batchNames(
  containers: readonly { readonly vmid: number; readonly hostname?: string }[],
): readonly string[] {
  return containers.map(({ vmid, hostname }) => {
    if (hostname === undefined) return String(vmid);
    const alone = containers.filter((other) => other.hostname === hostname).length === 1;
    return alone ? hostname : `${hostname} (${vmid})`;
  });
}

/** Works on several containers side by side. One that fails leaves the others alone. */
export async function* runBatch<E>(
  clock: Clock,
  jobs: readonly BatchJob<E>[],
  { parallel = PARALLEL, failFast = false, signal }: BatchLimits,
): AsyncGenerator<BatchEvent<E>, void, undefined> {
  const begun = new Set<BatchJob<E>>();
  let failed = false;
  const lane = (job: BatchJob<E>): Lane<BatchEvent<E>> => ({
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

/** The end of the work on one of several containers. */
export type Outcome<R> =
  & { readonly container: string }
  & (
    | { readonly result: R }
    | { readonly error: PxrunError }
    /** It was not begun, since another had failed or the run was interrupted. */
    | { readonly skipped: true }
  );

/**
 * The work on several containers did not succeed on all of them. The code is that of the
 * failures where they have one in common, INTERRUPTED when the run was interrupted.
 *
 * @example Which ones failed
 * ```ts
 * import { BatchFailed, connect, createAll, denoWorld, parseRecipe, planAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoWorld(), env: simulator.env() });
 * const recipes = ["true", "exit 7"].map((content, index) =>
 *   parseRecipe({
 *     container: { hostname: `web-${index}`, template: "debian-13" },
 *     provisioning: { scripts: [{ content }] },
 *   })
 * );
 * try {
 *   await createAll(cluster, await planAll(cluster, recipes));
 *   assert.fail();
 * } catch (error) {
 *   if (!(error instanceof BatchFailed)) throw error;
 *   const failed = error.outcomes.filter((outcome) => "error" in outcome);
 *   assert.deepEqual(failed.map(({ container }) => container), ["web-1"]);
 * }
 * ```
 */
export class BatchFailed<R = unknown> extends PxrunError {
  override readonly name = "BatchFailed";
  /** The outcome of each container, in the order in which they were given. */
  readonly outcomes: readonly Outcome<R>[];

  /** @param outcomes One of each container; at least one of them without a result. */
  constructor(outcomes: readonly Outcome<R>[]) {
    const missing = outcomes.filter((outcome) => !("result" in outcome));
    const errors = missing.flatMap((outcome) => "error" in outcome ? [outcome.error] : []);
    const names = missing.map(({ container }) => container).join(", ");
    super(commonCode(errors), `${missing.length} of ${outcomes.length} did not succeed: ${names}`, {
      cause: errors[0],
    });
    this.outcomes = outcomes;
  }
}

function commonCode(errors: readonly PxrunError[]): ErrorCode {
  const codes = new Set(errors.map(({ code }) => code));
  const [code = "FAILED"] = codes;
  if (codes.has("INTERRUPTED")) return "INTERRUPTED";
  return codes.size === 1 ? code : "FAILED";
}

/**
 * Starts the work on several containers as one operation.
 *
 * @param containers Their names in the events, each once.
 * @param run Gives the events of all of them.
 * @param resultOf The result of a container, from the event that holds it.
 */
export function startBatch<E extends { readonly type: string }, R>(
  containers: readonly string[],
  run: (signal: AbortSignal) => AsyncGenerator<BatchEvent<E>, void, undefined>,
  resultOf: (event: E) => R | undefined,
  options: { readonly what: string; readonly signal?: AbortSignal | undefined },
): Operation<readonly R[], BatchEvent<E>> {
  return startOperation(async function* (signal) {
    const ends = new Map<string, Outcome<R>>();
    for await (const event of run(signal)) {
      const outcome = outcomeOf(event, resultOf);
      if (outcome !== undefined) ends.set(event.container, outcome);
      yield event;
    }
    const outcomes = containers.flatMap((container) => ends.get(container) ?? []);
    const results = outcomes.flatMap((outcome) => "result" in outcome ? [outcome.result] : []);
    if (results.length < containers.length) throw new BatchFailed(outcomes);
    return results;
  }, options);
}

function outcomeOf<E extends { readonly type: string }, R>(
  event: BatchEvent<E>,
  resultOf: (event: E) => R | undefined,
): Outcome<R> | undefined {
  const { container } = event;
  if (isFailure(event)) return { container, error: event.error };
  if (event.type === "skipped") return { container, skipped: true };
  const result = resultOf(event as E);
  return result === undefined ? undefined : { container, result };
}

function isFailure(
  event: { readonly type: string },
): event is { readonly type: "failed"; readonly error: PxrunError } {
  return event.type === "failed";
}
