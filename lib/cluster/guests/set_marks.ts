import type { Cluster } from "../cluster.ts";
import { commandLine } from "../../core/argv.ts";
import { messageOf } from "../../core/errors.ts";
import { PermissionDenied } from "../../proxmox/http/errors.ts";
import type { LxcConfig, LxcUpdate } from "../../proxmox/api/nodes/lxc.ts";
import {
  changeOf,
  CREATING_TAG,
  FAILED_TAG,
  type NotedChange,
  unmarked,
  withFailed,
} from "./marks.ts";
import { OtherGuest, type Target, updateGuest } from "../changes/same_guest.ts";

/** How long a mark may hold up the end of a run, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Marks a container as one that did not become what it should: by a tag, or in its
 * description where the tag policy refuses a new tag.
 *
 * @returns Why it could not be marked, if so: that must not hide the failure itself.
 * @throws {OtherGuest} When another one has its vmid, which bears no mark then.
 */
export async function markFailed(
  cluster: Cluster,
  target: Target,
  leave?: AbortSignal,
): Promise<string | undefined> {
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = leave ? AbortSignal.any([patience, leave]) : patience;
  const follow = { ...target, follow: true, signal };
  const mark = (way: "tag" | "line"): Promise<void> =>
    updateGuest(cluster, follow, (config) => changeOf(config, withFailed(config, way)));
  try {
    await mark("tag").catch(async (error) => {
      if (!(error instanceof PermissionDenied)) throw error;
      await mark("line");
    });
    return undefined;
  } catch (error) {
    if (error instanceof OtherGuest) throw error;
    return `could not tag ${target.vmid} as ${FAILED_TAG}: ${reasonOf(error, patience)}`;
  }
}

/** How a container is finished. */
export interface UnmarkOptions {
  /** The configuration, where it is being read already. */
  readonly seen?: Promise<LxcConfig> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether one that had a mark is protected from now on. */
  readonly protect?: boolean;
}

/**
 * Removes every mark of pxrun's, where there is one.
 *
 * @returns Why that did not work, and what to type, if so.
 * @throws {OtherGuest} When another one has its vmid, whose marks are not ours.
 */
export async function unmark(
  cluster: Cluster,
  target: Target,
  { seen, signal: ends, protect = false }: UnmarkOptions = {},
): Promise<string | undefined> {
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = ends ? AbortSignal.any([patience, ends]) : patience;
  let change: NotedChange | undefined;
  const away = (config: LxcConfig): LxcUpdate | undefined => {
    change = changeOf(config, unmarked(config));
    return change && protect ? { ...change, protection: true } : change;
  };
  try {
    await updateGuest(cluster, { ...target, follow: true, signal }, away, seen);
    return undefined;
  } catch (error) {
    if (error instanceof OtherGuest) throw error;
    const { vmid, node } = target;
    return `container ${vmid} is done, but still marked as unfinished: ` +
      `${reasonOf(error, patience)}; ` +
      `on ${node}: ${byHand(vmid, change)}`;
  }
}

function reasonOf(error: unknown, patience: AbortSignal): string {
  return patience.aborted ? `it took longer than ${PATIENCE / 1000} s` : messageOf(error);
}

function byHand(vmid: number, change: NotedChange | undefined): string {
  if (change === undefined) {
    return `pct config ${vmid} shows the tag ${CREATING_TAG} and the line pxrun-run, ` +
      `pct set ${vmid} --tags … --description … sets them without`;
  }
  const options = Object.entries(change).flatMap(([name, text = ""]) => [`--${name}`, text]);
  return commandLine(["pct", "set", String(vmid), ...options]);
}
