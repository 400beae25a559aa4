import { limits } from "../../core/limits.ts";
import type { Cluster } from "../cluster.ts";
import { type ErrorDetails, PxrunError } from "../../core/errors.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import { list, log, type TaskRow } from "../../proxmox/api/nodes/tasks.ts";
import { type Rest, withSignal } from "../../proxmox/http/rest.ts";
import { guestNow } from "./guest_config.ts";
import type { Meant } from "../changes/same_guest.ts";
import { moved, type Place } from "./where.ts";

/** A container that has to run, and what tells it from another one where that is known. */
export interface Running extends Place {
  readonly is?: Meant;
}

/** A container that does not run any more although something is still to be done in it. */
export class RunsNoMore extends PxrunError {
  override readonly name = "RunsNoMore";
  /** True if it is still there, stopped. */
  readonly exists: boolean;

  /** @param exists Whether it is still there, stopped. */
  constructor(message: string, exists: boolean, details: ErrorDetails = {}) {
    super(exists ? "FAILED" : "NOT_FOUND", message, details);
    this.exists = exists;
  }
}

/** Number of lines of a start's log that an error shows. */
const LAST_LINES = 5;

/** Tasks after which a container does not run. */
const STOPS = /^(?:vzstop|vzshutdown|vzsuspend|hastop|hashutdown)$/;

/**
 * Passes the events of something on that needs a running container. What fails because it was
 * stopped, destroyed or moved meanwhile, by itself or by another client, says so.
 */
export async function* whileItRuns<E, T>(
  cluster: Cluster,
  running: Running,
  events: AsyncIterator<E, T> & AsyncIterable<E, T>,
): AsyncGenerator<E, T> {
  try {
    return yield* events;
  } catch (error) {
    const ours = error instanceof PxrunError && !(error instanceof RunsNoMore) &&
      error.code !== "INTERRUPTED" && error.code !== "UNREACHABLE";
    if (!ours) throw error;
    // Where no one can say how it is, what failed is all that is known.
    throw await whyNotRunning(cluster, running, { cause: error }).catch(() => undefined) ?? error;
  }
}

/**
 * The reason why a container does not run, as an error; undefined where it does.
 *
 * @throws {PxrunError} When it cannot be asked for.
 */
export async function whyNotRunning(
  cluster: Cluster,
  running: Running,
  { cause, signal }: { readonly cause?: unknown; readonly signal?: AbortSignal | undefined } = {},
): Promise<PxrunError | undefined> {
  const { vmid, node, is } = running;
  const rest = withSignal(cluster.rest, signal);
  for (let look = 1;; look++) {
    const now = await guestNow(cluster, running, signal);
    if (now.state === "elsewhere") return moved(running, now.node, undefined, cause);
    const replaced = now.state === "here" && is?.(now.config) === false;
    if (now.state === "gone" || replaced) return destroyed(running, cause);
    const { status } = await lxc.current(rest, node, vmid);
    if (status !== "stopped") return undefined;
    if (look === limits.guest.rebootLooks) return await stopped(rest, running, cause);
    await cluster.platform.clock.sleep(limits.guest.reboot / limits.guest.rebootLooks, signal);
  }
}

function destroyed({ vmid }: Place, cause: unknown): RunsNoMore {
  return new RunsNoMore(`container ${vmid} was destroyed by another client meanwhile`, false, {
    remedies: [{ kind: "list" }],
    cause,
  });
}

/** The task that stopped it; where there is none, the end of the log of its last start. */
async function stopped(rest: Rest, { vmid, node }: Place, cause: unknown): Promise<RunsNoMore> {
  const tasks = await list(rest, node, { vmid, limit: 10, source: "all" }).catch(() => []);
  const begun = tasks.find(({ type }) => type === "vzstart");
  const ended = tasks.find(({ type }) => STOPS.test(type));
  if (ended !== undefined && ended.starttime >= (begun?.starttime ?? 0)) {
    return new RunsNoMore(`container ${vmid} was stopped by ${ended.user} (${ended.type})`, true, {
      hint: `start it: pct start ${vmid} on ${node}`,
      cause,
    });
  }
  const lines = begun === undefined ? [] : await startLines(rest, begun);
  const why = lines.length === 0
    ? ""
    : `; the end of its start's log:${lines.map((line) => `\n    ${line}`).join("")}`;
  return new RunsNoMore(`container ${vmid} stopped by itself${why}`, true, {
    hint: `its init ended: pct start ${vmid} --debug on ${node} shows why`,
    cause,
  });
}

async function startLines(rest: Rest, { upid }: TaskRow): Promise<string[]> {
  const lines = await log(rest, upid).catch(() => []);
  return lines.filter((line) => line.trim() !== "" && !/^TASK /.test(line)).slice(-LAST_LINES);
}
