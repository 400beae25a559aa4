import type { LxcConfig } from "../../proxmox/api/nodes/lxc.ts";
import type { Device } from "../../tailscale/devices.ts";
import { LONGEST_DESCRIPTION, type Noted } from "../../cluster/guests/marker.ts";
import type { OwnNode } from "./own_node.ts";

/** The line of a description that says which node of a tailnet the container is. */
const LINE = /^pxrun-tailnet: (?<device>[\w.-]+) of (?<vmid>\d+) on (?<rootfs>\S+)$/;

/** A container as far as it tells itself from copies of it. */
type Bound = Pick<LxcConfig, "description" | "rootfs">;

/**
 * The id of the node that a container was bound to when it joined. Clones and restored backups have the
 * same line; only where vmid and root disk are those of the container now it is about this one.
 */
export function boundDevice(config: Bound, vmid: number): string | undefined {
  const rootfs = config.rootfs?.["volume"];
  const ids = (config.description ?? "").split("\n").flatMap((line) => {
    const groups = LINE.exec(line)?.groups;
    return groups?.["vmid"] === String(vmid) && groups["rootfs"] === rootfs
      ? groups["device"] ?? []
      : [];
  });
  const [only, ...others] = new Set(ids);
  return others.length === 0 ? only : undefined;
}

/** With the line for a node, instead of any other; undefined where there is no room or root disk. */
export function withBinding(
  { tags, description = "", rootfs }: LxcConfig,
  vmid: number,
  device: string,
): Noted | undefined {
  const volume = rootfs?.["volume"];
  if (volume === undefined) return undefined;
  const others = description.replace(/\n$/, "").split("\n").filter((line) => !LINE.test(line));
  const line = `pxrun-tailnet: ${device} of ${vmid} on ${volume}`;
  const text = [...others, line].filter((part, index) => index > 0 || part !== "").join("\n");
  const fits = text.length <= LONGEST_DESCRIPTION && LINE.test(line);
  return fits ? { tags, description: text } : undefined;
}

/** A join that is under way. */
export interface Join {
  /** Name that the node was to get. */
  readonly hostname: string;
  /** The ids of the nodes that were there before; undefined where the tailnet could not be asked. */
  readonly before: ReadonlySet<string> | undefined;
}

/**
 * The node that has come by a join. What a container says of itself is believed only where it
 * cannot be another's: root inside can print any key that it sees in the tailnet. Pure.
 */
export function joinedNode(
  all: readonly Device[],
  { hostname, before }: Join,
  own: OwnNode,
): Device | undefined {
  if (before === undefined) return undefined;
  const fresh = all.filter((one) => !before.has(one.id) && label(one.hostname) === label(hostname));
  const [only, ...others] = fresh;
  return others.length === 0 && only?.nodeKey === own.nodeKey ? only : undefined;
}

function label(hostname: string): string | undefined {
  return hostname.split(".")[0]?.toLowerCase();
}
