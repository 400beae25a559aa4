import type { LxcConfig } from "../proxmox/api/nodes/lxc.ts";
import { readRun } from "../cluster/guests/marker.ts";
import { birthOf, type Meant } from "../cluster/changes/same_guest.ts";
import type { Place } from "../cluster/guests/where.ts";

/** A container that this run has made, where it has made it. */
export interface OwnContainer extends Place {
  readonly hostname: string;
  /** The id of the run. */
  readonly run: string;
  /** True if its description names the run. */
  readonly named: boolean;
  /** True if the recipe wants it protected. */
  readonly protects: boolean;
  /** Identity that tells it from others that have its vmid later, once it was seen. */
  birth?: string;
}

/**
 * Tells the container that this run has made from another one under its vmid. The run decides,
 * whatever it is called by now. Where its description names no run it must have our hostname and be
 * the one that was seen before; the first time, only where it never named one.
 */
export function isOurs(own: OwnContainer): Meant {
  return (config) => {
    const id = readRun(config.description)?.id;
    const ours = id === undefined ? isFamiliar(own, config) : id === own.run;
    if (ours) own.birth ??= birthOf(config);
    return ours;
  };
}

function isFamiliar({ hostname, named, birth }: OwnContainer, config: LxcConfig): boolean {
  if (config.hostname !== hostname) return false;
  return birth === undefined ? !named : birthOf(config) === birth;
}
