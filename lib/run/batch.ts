import { limits } from "../core/limits.ts";
import { type ErrorCode, type ErrorJson, Interrupted, PxrunError } from "../core/errors.ts";
import { type Lane, runLanes } from "../core/concurrency.ts";
import { type Operation, startOperation } from "../core/operation.ts";
import type { Clock } from "../core/platform.ts";
import type { Event } from "./event.ts";

/**
 * Options for work on several containers.
 *
 * @category Changes
 */
export interface BatchLimits {
  /** Number at once (default: 8). */
  readonly parallel?: number | undefined;
  /** Begin no further one after a failure. */
  readonly failFast?: boolean | undefined;
  /** Ends it: no further one begins, and those under way end as they would alone. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Event of one of several containers, of all that `E` can be.
 *
 * @category Changes
 */
export type BatchEvent<E = Event> =
  & { readonly container: string }
  & (
    | E
    /** It did not succeed; what that means for it is in the error. */
    | { readonly type: "failed"; readonly error: PxrunError; readonly at: number }
    /** It was not begun, since another had failed or the run was interrupted. */
    | { readonly type: "skipped"; readonly at: number }
  );

/** One of several containers that are worked on: what it is called, and where it is. */
export interface BatchItem {
  readonly vmid: number;
  readonly hostname?: string;
  readonly node: string;
}

/** Label of each of several containers: its hostname, and its vmid where that is not enough. */
export function batchNames(
  containers: readonly Pick<BatchItem, "vmid" | "hostname">[],
): readonly string[] {
  return containers.map(({ vmid, hostname }) => {
    if (hostname === undefined) return String(vmid);
    const alone = containers.filter((other) => other.hostname === hostname).length === 1;
    return alone ? hostname : `${hostname} (${vmid})`;
  });
}

/**
 * Works on several containers side by side. One that fails leaves the others alone.
 *
 * @param run The work on one of them.
 */
export async function* runBatch<I extends BatchItem, E>(
  clock: Clock,
  items: readonly I[],
  run: (item: I) => AsyncIterable<E>,
  { parallel = limits.run.parallel, failFast = false, signal }: BatchLimits,
): AsyncGenerator<BatchEvent<E>, void, undefined> {
  const names = batchNames(items);
  const begun = new Set<string>();
  let failed = false;
  const lane = (item: I, index: number): Lane<BatchEvent<E>> => ({
    key: item.node,
    async *run() {
      const container = names[index] ?? "";
      begun.add(container);
      try {
        for await (const event of run(item)) yield { container, ...event };
      } catch (error) {
        // A fault of pxrun itself ends everything.
        if (!(error instanceof PxrunError)) throw error;
        failed = true;
        yield { container, type: "failed", error, at: clock.now() };
      }
    },
  });
  yield* runLanes(items.map(lane), {
    all: parallel,
    perKey: limits.run.perNode,
    stop: () => signal?.aborted === true || failFast && failed,
  });
  for (const container of names) {
    if (!begun.has(container)) yield { container, type: "skipped", at: clock.now() };
  }
}

/**
 * The end of the work on one of several containers.
 *
 * @category Changes
 */
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
 * import { BatchFailed, connect, createAll, denoPlatform, parseRecipe, planAll } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoPlatform(), env: simulator.env() });
 * const recipes = ["true", "exit 7"].map((content, index) =>
 *   parseRecipe({
 *     container: { hostname: `web-${index}`, template: "debian-13" },
 *     provisioning: { scripts: [{ content }] },
 *   })
 * );
 * try {
 *   await createAll(cluster, await planAll(cluster, recipes), { recipes });
 *   assert.fail();
 * } catch (error) {
 *   if (!(error instanceof BatchFailed)) throw error;
 *   const failed = error.outcomes.filter((outcome) => "error" in outcome);
 *   assert.deepEqual(failed.map(({ container }) => container), ["web-1"]);
 * }
 * ```
 *
 * @category Errors
 */
export class BatchFailed<R = unknown> extends PxrunError {
  override readonly name = "BatchFailed";
  /** The outcome of each container, in the order in which they were given. */
  readonly outcomes: readonly Outcome<R>[];

  /**
   * @param outcomes One of each container; at least one of them without a result.
   * @param interrupted What was interrupted, as a noun phrase, where that is the reason.
   */
  constructor(outcomes: readonly Outcome<R>[], interrupted?: string) {
    const missing = outcomes.filter((outcome) => !("result" in outcome));
    const errors = missing.flatMap((outcome) => "error" in outcome ? [outcome.error] : []);
    const names = missing.map(({ container }) => container).join(", ");
    const [code, message] = interrupted === undefined
      ? [commonCode(errors), `${missing.length} of ${outcomes.length} did not succeed: ${names}`]
      : ["INTERRUPTED" as const, new Interrupted(interrupted).message];
    super(code, message, { remedies: [{ kind: "see-containers" }] });
    this.outcomes = outcomes;
  }

  /** The error as plain data, with the result or the error of each container. */
  override toJSON(): ErrorJson {
    const containers = this.outcomes.map((outcome) => {
      if ("result" in outcome) return outcome.result;
      const hostname = outcome.container;
      return "error" in outcome
        ? { hostname, ...outcome.error.toJSON() }
        : { hostname, skipped: true };
    });
    return { ...super.toJSON(), containers };
  }
}

function commonCode(errors: readonly PxrunError[]): ErrorCode {
  const codes = new Set(errors.map(({ code }) => code));
  const [code = "FAILED"] = codes;
  if (codes.has("INTERRUPTED")) return "INTERRUPTED";
  return codes.size === 1 ? code : "FAILED";
}

/** Takes the events of a batch, and knows in the end what came of each container. */
export interface OutcomeCollector<E, R> {
  add(event: BatchEvent<E>): void;
  /** One of each container that has ended, in the order in which they were given. */
  outcomes(): readonly Outcome<R>[];
}

/**
 * Collects the outcomes of a batch.
 *
 * @param containers Their names in the events, each once.
 * @param resultOf The result of a container, from the event that holds it.
 */
export function collectOutcomes<E extends { readonly type: string }, R>(
  containers: readonly string[],
  resultOf: (event: E) => R | undefined,
): OutcomeCollector<E, R> {
  const ends = new Map<string, Outcome<R>>();
  return {
    add(event) {
      const { container } = event;
      if (isFailure(event)) ends.set(container, { container, error: event.error });
      else if (event.type === "skipped") ends.set(container, { container, skipped: true });
      else {
        const result = resultOf(event as E);
        if (result !== undefined) ends.set(container, { container, result });
      }
    },
    outcomes: () => containers.flatMap((container) => ends.get(container) ?? []),
  };
}

/** The results among outcomes: of those that succeeded. */
export function resultsOf<R>(outcomes: readonly Outcome<R>[]): readonly R[] {
  return outcomes.flatMap((outcome) => "result" in outcome ? [outcome.result] : []);
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
    const collector = collectOutcomes(containers, resultOf);
    for await (const event of run(signal)) {
      collector.add(event);
      yield event;
    }
    const outcomes = collector.outcomes();
    const results = resultsOf(outcomes);
    if (results.length === containers.length) return results;
    throw new BatchFailed(outcomes, signal.aborted ? options.what : undefined);
  }, options);
}

/**
 * The events of a batch of one as those of the work itself, whose failure is thrown.
 *
 * @param what What is done, as a noun phrase.
 */
export async function* withoutBatch<E extends { readonly type: string }>(
  events: AsyncIterable<BatchEvent<E>>,
  what: string,
): AsyncGenerator<E, void, undefined> {
  for await (const { container: _, ...event } of events) {
    if (isFailure(event)) throw event.error;
    if (event.type === "skipped") throw new Interrupted(what);
    yield event as unknown as E;
  }
}

function isFailure(
  event: { readonly type: string },
): event is { readonly type: "failed"; readonly error: PxrunError } {
  return event.type === "failed";
}
