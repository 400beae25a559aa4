import type { Cluster } from "../../connect/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { poll } from "../../core/poll.ts";
import * as lxc from "../../proxmox/nodes_lxc.ts";
import { withSignal } from "../../proxmox/rest.ts";
import { configIfThere } from "../guest_config.ts";
import { readRun } from "../marks.ts";
import { retryBusy } from "../retry_busy.ts";
import { begin, finish } from "../tasks.ts";
import { movedTo, type Place } from "../where.ts";

/** How long a lock that somebody holds may hold this up, in milliseconds. */
const LOCK_PATIENCE = 30_000;

/** A container that this run has made, where it has made it. */
export interface OwnContainer extends Place {
  readonly hostname: string;
  /** The id of the run. */
  readonly run: string;
}

/** Destroys it, running or not, wherever it is by now; one that is gone already is fine. */
export async function removeOwn(
  cluster: Cluster,
  own: OwnContainer,
  signal: AbortSignal,
): Promise<void> {
  const rest = withSignal(cluster.rest, signal);
  const { clock } = cluster.world;
  const { vmid } = own;
  const found = await findUnlocked(cluster, own, signal);
  // What has its vmid by now may be somebody else's.
  if (found === undefined || !isOurs(found.config, own)) return;
  const { node, config } = found;
  if (config.protection) await lxc.updateConfig(rest, node, vmid, { protection: false });
  await retryBusy(clock, async () => {
    const upid = await begin(
      cluster,
      { node, vmid, type: "vzdestroy" },
      (rest) => lxc.destroy(rest, node, vmid, { force: true, purge: true }),
    );
    await finish(cluster, upid, signal);
  }, signal);
}

/** The run decides, whatever it is called by now; without one it must still have our name. */
function isOurs({ description, hostname }: lxc.LxcConfig, own: OwnContainer): boolean {
  const id = readRun(description)?.id;
  return id === undefined ? hostname === own.hostname : id === own.run;
}

interface Found {
  readonly node: string;
  readonly config: lxc.LxcConfig;
}

/** Waits until nobody holds it. */
async function findUnlocked(
  cluster: Cluster,
  { vmid, ...own }: OwnContainer,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const rest = withSignal(cluster.rest, signal);
  const { clock } = cluster.world;
  const until = clock.now() + LOCK_PATIENCE;
  let { node } = own;
  const look = async (): Promise<{ readonly found: Found | undefined } | undefined> => {
    const config = await configIfThere(rest, node, vmid);
    if (config === undefined) {
      const elsewhere = await movedTo(cluster, { vmid, node }, signal);
      if (elsewhere === undefined) return { found: undefined };
      node = elsewhere;
      return undefined;
    }
    if (config.lock === undefined) return { found: { node, config } };
    if (clock.now() < until) return undefined;
    throw new PxrunError("LOCKED", `container ${vmid} is locked (${config.lock})`, {
      hint: `wait for what holds it; if nothing does: pct unlock ${vmid} on ${node}`,
    });
  };
  const what = `container ${vmid} to be found and unlocked`;
  return (await poll(look, { clock, what, timeout: 2 * LOCK_PATIENCE, signal })).found;
}
