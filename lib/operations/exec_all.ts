import type { Cluster } from "../cluster/cluster.ts";
import type { Operation } from "../core/operation.ts";
import { whileRunning } from "../core/while_running.ts";
import { startInGuest } from "../guest/command.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import type { Found } from "../cluster/guests/find.ts";
import {
  type BatchEvent,
  type BatchLimits,
  batchNames,
  runBatch,
  startBatch,
} from "../run/batch.ts";
import { lineReader } from "../provision/output.ts";
import { inContainer } from "./in_container.ts";

/**
 * Event of a command in one of several containers. `at` is in milliseconds since the epoch.
 *
 * @category Containers
 */
export type ExecEvent =
  /** A line that it printed. */
  | {
    readonly type: "line";
    readonly stream: "out" | "err";
    readonly text: string;
    readonly at: number;
  }
  /** It has ended, with an exit status or by a signal. */
  | (Exited & { readonly type: "exited"; readonly at: number });

/**
 * The end of a command in one of several containers.
 *
 * @category Containers
 */
export type Exited = Found & Pick<ExecResult, "code" | "signal">;

/**
 * Starts one command in several containers side by side, each with an empty standard input. One
 * that fails leaves the others alone.
 *
 * @param cluster The cluster.
 * @param containers The containers, as `list` gave them.
 * @param argv The command and its arguments.
 * @param limits How many at once, and the signal that ends them: TERM, and KILL after seconds.
 * @returns The running commands: await them for how each ended, in the order of the containers,
 * whatever its exit status; or iterate over what they print, line by line.
 * @throws {BatchFailed} With the outcome of each, when it could not be run in all of them.
 *
 * @example Which of them has how many processes
 * ```ts
 * import { connect, denoPlatform, execAll, list } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoPlatform(), env: simulator.env() });
 * const running = await list(cluster, { status: "running" });
 * assert.deepEqual(await execAll(cluster, running, ["nproc"]), []);
 * ```
 *
 * @category Containers
 */
export function execAll(
  cluster: Cluster,
  containers: readonly Found[],
  argv: readonly string[],
  limits: BatchLimits = {},
): Operation<readonly Exited[], BatchEvent<ExecEvent>> {
  return startBatch(
    batchNames(containers),
    (signal) => execAllEvents(cluster, containers, argv, { ...limits, signal }),
    exitedOf,
    { what: "the exec", signal: limits.signal },
  );
}

function exitedOf(event: ExecEvent): Exited | undefined {
  if (event.type !== "exited") return undefined;
  const { type: _, at: __, ...exited } = event;
  return exited;
}

/** The events of one command in several containers, which runs as they are taken. */
export function execAllEvents(
  cluster: Cluster,
  containers: readonly Found[],
  argv: readonly string[],
  limits: BatchLimits = {},
): AsyncGenerator<BatchEvent<ExecEvent>, void, undefined> {
  const run = (found: Found) => runIn(cluster, found, argv, limits.signal);
  return runBatch(cluster.platform.clock, containers, run, limits);
}

async function* runIn(
  cluster: Cluster,
  found: Found,
  argv: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<ExecEvent, void> {
  const { clock } = cluster.platform;
  const { code, signal: by } = yield* whileRunning<ExecEvent, ExecResult>(async (say, signal) => {
    const reader = (stream: "out" | "err") =>
      lineReader([], (text) => say({ type: "line", stream, text, at: clock.now() }));
    const [out, err] = [reader("out"), reader("err")];
    const streams = { onStdout: out.push, onStderr: err.push };
    try {
      return await inContainer(
        cluster,
        found,
        signal,
        ({ ssh, sudo, same, vmid }) =>
          startInGuest(ssh, vmid, argv, { clock, sudo, same, ...streams, signal }).ended,
      );
    } finally {
      out.end();
      err.end();
    }
  }, signal);
  const { vmid, node, hostname } = found;
  const which = { vmid, node, ...(hostname !== undefined && { hostname }) };
  yield { type: "exited", ...which, code, signal: by, at: clock.now() };
}
