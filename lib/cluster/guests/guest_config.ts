import { limits } from "../../core/limits.ts";
import { poll } from "../../core/poll.ts";
import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { nextid, resources } from "../../proxmox/api/cluster.ts";
import { AlreadyExists, NotFound, PermissionDenied } from "../../proxmox/http/errors.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import type { LxcConfig } from "../../proxmox/api/nodes/lxc_config.ts";
import { type Rest, withSignal } from "../../proxmox/http/rest.ts";
import type { Place } from "./where.ts";

/** Later state of a container that was seen on a node. */
export type GuestNow =
  | { readonly state: "here"; readonly config: LxcConfig }
  | { readonly state: "elsewhere"; readonly node: string }
  /** No container has its vmid. */
  | { readonly state: "gone" };

/**
 * State of a container as its node gives it now. Only a missing configuration file together with the
 * list of the cluster shows that there is none; a node that cannot be asked does not.
 *
 * @throws {PxrunError} UNREACHABLE, PERMISSION_DENIED …: it may well be there.
 */
export async function guestNow(
  { rest, platform: { clock } }: Pick<Cluster, "rest" | "platform">,
  place: Place,
  signal?: AbortSignal,
): Promise<GuestNow> {
  const probe = (): Promise<GuestNow | undefined> => ask(withSignal(rest, signal), place);
  const what = `${place.node} and the cluster to agree on ${place.vmid}`;
  const how = { clock, what, timeout: limits.api.agree, first: 300, grace: 0, signal };
  return await poll(probe, how).catch((error) => {
    throw error instanceof PxrunError && error.code === "TIMEOUT" ? contradiction(place) : error;
  });
}

/**
 * A container's configuration, or undefined when it is not on that node any more.
 *
 * @throws {PxrunError} As {@linkcode guestNow}.
 */
export async function configIfThere(
  rest: Rest,
  node: string,
  vmid: number,
): Promise<LxcConfig | undefined> {
  const now = await ask(rest, { node, vmid });
  if (now === undefined) throw contradiction({ node, vmid });
  return now.state === "here" ? now.config : undefined;
}

/** Undefined where the node has no such configuration, and the cluster lists it there. */
async function ask(rest: Rest, { node, vmid }: Place): Promise<GuestNow | undefined> {
  try {
    return { state: "here", config: await lxc.config(rest, node, vmid) };
  } catch (error) {
    // A token that is confined to a pool is refused when the container has left it with its end.
    if (!isNoFile(error) && !(error instanceof PermissionDenied)) throw error;
    const row = (await resources(rest, "vm")).find((guest) => guest.vmid === vmid);
    if (row?.type === "qemu") return { state: "gone" };
    if (row !== undefined && row.node !== node) return { state: "elsewhere", node: row.node };
    if (row !== undefined && error instanceof PermissionDenied) throw error;
    if (row !== undefined) return undefined;
    if (await isFree(rest, vmid)) return { state: "gone" };
    throw unseen({ node, vmid }, error);
  }
}

/** The words for a configuration file that is missing, and for nothing else that is. */
export function isNoFile(error: unknown): boolean {
  return error instanceof NotFound && /\bConfiguration file '.*' does not exist/.test(error.text);
}

/** True if no guest of the cluster has this vmid, also none that this login may not see. */
async function isFree(rest: Rest, vmid: number): Promise<boolean> {
  try {
    await nextid(rest, vmid);
    return true;
  } catch (error) {
    if (error instanceof AlreadyExists) return false;
    throw error;
  }
}

/** Which of the two is right, only its node can tell; pmxcfs may be down there. */
function contradiction({ vmid, node }: Place): PxrunError {
  const message =
    `${node} has no configuration of container ${vmid}, and the cluster lists it there`;
  return new PxrunError("FAILED", message, {
    hint: `run the command again; if it stays so: systemctl status pve-cluster on ${node}`,
  });
}

function unseen({ vmid, node }: Place, cause: unknown): PxrunError {
  const message = `a guest has the vmid ${vmid}, and this login may not see whether it is still ` +
    `the container of ${node}`;
  return new PxrunError("PERMISSION_DENIED", message, {
    hint: `look with a login that has VM.Audit on /vms/${vmid}: pct config ${vmid} on ${node}`,
    cause,
  });
}
