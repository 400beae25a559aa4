import type { Cluster } from "../cluster.ts";
import { poll } from "../../core/poll.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Same } from "../../guest/same.ts";
import { TaskFailed, Unreachable } from "../../proxmox/http/errors.ts";
import type { LxcConfig, LxcUpdate } from "../../proxmox/api/nodes/lxc.ts";
import * as lxc from "../../proxmox/api/changes/lxc.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import { guestNow, isNoFile } from "../guests/guest_config.ts";
import { isBusy, lockOf, passes, retryBusy } from "../../proxmox/retry_busy.ts";
import { startTask, type Task } from "../../proxmox/task.ts";
import { moved, type Place } from "../guests/where.ts";

/**
 * True for the configuration of the container that is meant, and not for that of another guest
 * that has its vmid by now.
 */
export type Meant = (config: LxcConfig) => boolean;

/** The container that something is done to. */
export interface Target extends Place {
  readonly is: Meant;
  /** Also on the node that it has moved to; without this a move is an error. */
  readonly follow?: boolean | undefined;
  /** Wait for a lock of its configuration, in milliseconds (default: not at all). */
  readonly lockPatience?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** State of a container as Proxmox gives it now, and its node. */
interface Seen {
  readonly node: string;
  readonly config: LxcConfig;
}

/** Options for {@linkcode whileSame}. */
interface WhileSameOptions {
  /** True for a refusal that passes by itself (default: a file that is locked for a moment). */
  readonly again?: (error: unknown) => boolean;
  /** The configuration, where it is being read already: only for a call that sends its digest. */
  readonly seen?: Promise<LxcConfig> | undefined;
}

/** Another guest has the vmid, or the container was changed by another client. It is left alone. */
export class OtherGuest extends PxrunError {
  override readonly name = "OtherGuest";

  /** Guest that has the VMID now. */
  constructor({ vmid, node }: Place, config: LxcConfig) {
    const now = config.hostname ?? "a container without a hostname";
    const lock = config.lock === undefined ? "" : `, locked (${config.lock})`;
    super("FAILED", `container ${vmid} was changed in the meantime: it is ${now} now${lock}`, {
      hint: "it is left alone: look at it, and run the command again for it",
      remedies: [{ kind: "list", node }],
    });
  }
}

/** There is no such container any more. Other things that are not found do not mean that. */
export class Gone extends PxrunError {
  override readonly name = "Gone";

  /** Node where it was. */
  constructor({ vmid, node }: Place) {
    super("NOT_FOUND", `container ${vmid} is not on ${node} any more`, {
      hint: "another client has destroyed it",
      remedies: [{ kind: "list" }],
    });
  }
}

/** The container cannot be looked at, and may well be there: nothing was done to it. */
export class Unseen extends Unreachable {
  /** Why not. */
  constructor({ vmid }: Place, cause: Unreachable) {
    const { message, transient, hint, remedies } = cause;
    const again = "run the command again once it can be reached";
    const details = {
      transient,
      sent: false,
      hint: hint === undefined ? again : `${hint}; then ${again}`,
      remedies,
      cause,
    };
    super(`container ${vmid} cannot be looked at: ${message}`, details);
  }
}

/** The container as it was read: nothing of its configuration has changed since. */
export function asSeen(digest: string): Meant {
  return (config) => config.digest === digest;
}

/** The container as it was read, but for the settings that pxrun itself has changed since. */
export function asChanged(before: LxcConfig, ...ours: readonly string[]): Meant {
  const others = ({ contents }: LxcConfig): string =>
    JSON.stringify([...contents].filter(([name]) => !ours.includes(name)).sort());
  const expected = others(before);
  return (config) => others(config) === expected;
}

/**
 * Properties that no two containers share that had the same VMID one after the other: the hardware
 * address of its first interface beside its root disk; the hostname where it has no interface.
 */
export function birthOf({ rootfs, net, hostname }: LxcConfig): string {
  const [first] = Object.entries(net).toSorted(([a], [b]) => a < b ? -1 : 1);
  return `${rootfs?.["volume"]} ${first?.[1]["hwaddr"]?.toUpperCase() ?? hostname}`;
}

/**
 * Reads the container's configuration, compares, and does something to it only if it is the one
 * that is meant. All of that is done again after a refusal that passes by itself, and where it was not
 * there any more.
 *
 * @param options What passes by itself, and what was read already.
 * @returns What `act` gives; undefined when there is no such container any more.
 * @throws {OtherGuest} When it is another one, or was changed.
 */
export async function whileSame<T>(
  cluster: Cluster,
  target: Target,
  act: (seen: Seen) => Promise<T>,
  { again = isBusy, seen }: WhileSameOptions = {},
): Promise<{ readonly value: T } | undefined> {
  const { signal } = target;
  const place = { vmid: target.vmid, node: target.node };
  let early = seen;
  return await retryBusy(
    cluster.platform.clock,
    async () => {
      const reading = early ?? read(cluster, place, target);
      early = undefined;
      const config = await reading;
      if (config === undefined) return undefined;
      if (!target.is(config)) throw new OtherGuest(place, config);
      signal?.throwIfAborted();
      return { value: await act({ node: place.node, config }) };
    },
    signal,
    // A lock that came after the look is waited for by the next one.
    (error) =>
      again(error) || wasQuicker(error) ||
      target.lockPatience !== undefined && lockOf(error) !== undefined,
  );
}

/** The configuration as it is now, once it is not locked any more. Changes the node of `place`. */
async function read(
  cluster: Cluster,
  place: { readonly vmid: number; node: string },
  { follow = false, lockPatience, signal, is }: Target,
): Promise<LxcConfig | undefined> {
  const { clock } = cluster.platform;
  const until = clock.now() + (lockPatience ?? 0);
  const look = async (): Promise<{ config: LxcConfig | undefined } | undefined> => {
    const { vmid, node } = place;
    const now = await guestNow(cluster, place, signal).catch((error) => {
      throw error instanceof Unreachable ? new Unseen(place, error) : error;
    });
    if (now.state === "gone") return { config: undefined };
    if (now.state === "elsewhere") {
      if (!follow) throw moved(place, now.node);
      place.node = now.node;
      return undefined;
    }
    const { config } = now;
    if (lockPatience === undefined || config.lock === undefined || !is(config)) return { config };
    if (clock.now() < until) return undefined;
    throw new PxrunError("LOCKED", `container ${vmid} is locked (${config.lock})`, {
      hint: `wait for what holds it; if nothing does: pct unlock ${vmid} on ${node}`,
    });
  };
  const what = `container ${place.vmid} to be found and unlocked`;
  const timeout = 2 * (lockPatience ?? 30_000);
  // An API that does not answer was waited for by the call itself, and not once for each call.
  return (await poll(look, { clock, what, timeout, grace: 0, signal })).config;
}

/**
 * Looks whether the container is still the one that is meant, before something is done inside it.
 *
 * @returns Its configuration.
 * @throws {OtherGuest} When it is another one; NOT_FOUND when there is none.
 */
export async function assertSame(cluster: Cluster, target: Target): Promise<LxcConfig> {
  const seen = await whileSame(cluster, target, ({ config }) => Promise.resolve(config));
  if (seen === undefined) throw new Gone(target);
  return seen.value;
}

/** Values that its node compares before it enters the container. */
export function sameInside(cluster: Cluster, target: Target, birth?: string): Same {
  let known = birth;
  return {
    get birth() {
      return known;
    },
    async look(signal) {
      known = birthOf(await assertSame(cluster, { ...target, signal }));
      return known;
    },
  };
}

/**
 * Destroys a container that is the one that is meant.
 *
 * @param finish Waits for the end of the task.
 * @returns What `finish` gives; undefined when there is no such container any more.
 */
export async function destroyGuest<T>(
  cluster: Cluster,
  target: Target,
  how: lxc.DestroyOptions,
  finish: (task: Task) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const { vmid } = target;
  return await whileSame(cluster, target, async ({ node }) => {
    const task = { node, vmid, type: "vzdestroy" };
    return await finish(
      await startTask(cluster, task, (rest) => lxc.destroy(rest, node, vmid, how)),
    );
  });
}

/** True when it was destroyed or moved after it was compared, also while a task waited for its turn. */
function wasQuicker(error: unknown): boolean {
  return isNoFile(error instanceof TaskFailed ? error.reason : error);
}

/**
 * Starts a container that is the one that is meant.
 *
 * @param finish Waits for the end of the task.
 */
export async function startGuest<T>(
  cluster: Cluster,
  target: Target,
  finish: (task: Task) => Promise<T>,
): Promise<T> {
  const { vmid } = target;
  const started = await whileSame(cluster, target, async ({ node }) => {
    const task = { node, vmid, type: "vzstart" };
    return await finish(await startTask(cluster, task, (rest) => lxc.start(rest, node, vmid)));
  });
  if (started === undefined) throw new Gone(target);
  return started.value;
}

/**
 * Changes the configuration of a container that is the one that is meant, as it is at that moment:
 * it is read and changed once more when another client has changed it in between, and when the
 * reply was lost.
 *
 * @param change What to change; undefined when it is as it should be.
 * @param seen The configuration, where it is being read already.
 */
export async function updateGuest(
  cluster: Cluster,
  target: Target,
  change: (config: LxcConfig) => LxcUpdate | undefined,
  seen?: Promise<LxcConfig>,
): Promise<void> {
  const rest = withSignal(cluster.rest, target.signal);
  const updated = await whileSame(cluster, target, async ({ node, config }) => {
    const update = change(config);
    if (update === undefined) return;
    await lxc.updateConfig(rest, node, target.vmid, { ...update, digest: config.digest });
  }, { again: passes, seen });
  if (updated === undefined) throw new Gone(target);
}
