import { limits } from "../../core/limits.ts";
import type { Cluster } from "../cluster.ts";
import { OtherGuest, type Target, updateGuest } from "../changes/same_guest.ts";
import { holds, type Permissions } from "../rights.ts";
import { commandLine } from "../../core/argv.ts";
import { type Deadline, deadline } from "../../core/within.ts";
import { messageOf } from "../../core/errors.ts";
import type { Clock, ProcessInfo } from "../../core/platform.ts";
import type { TagPolicy } from "../../proxmox/api/cluster.ts";
import type { LxcConfig, LxcCreate, LxcUpdate } from "../../proxmox/api/nodes/lxc.ts";
import { PermissionDenied } from "../../proxmox/http/errors.ts";
import { formatTags, parseList } from "../../proxmox/http/properties.ts";

/** The tag of a container that a create has not finished yet. */
export const CREATING_TAG = "pxrun-creating";

/** The tag of a container whose provisioning did not finish. */
export const FAILED_TAG = "pxrun-failed";

/** Longest description that Proxmox takes. */
export const LONGEST_DESCRIPTION = 8192;

/** The run of pxrun that makes a container, as the container's description names it. */
export interface Run {
  readonly id: string;
  /** The container that it makes: a clone or a restored backup has the same text. */
  readonly vmid: number;
  /** The machine and the process. */
  readonly host: string;
  readonly pid: number;
  /** {@linkcode ProcessInfo.pidScope} of that process. */
  readonly pidScope: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** True if it makes a protected container: any other protection is not its own. */
  readonly protects?: true;
}

/** Configuration into which a marker is written. */
export type Noted = Partial<Pick<LxcConfig, "tags" | "description">>;

/** Location of the marker: in the notes where no tag may be set; nowhere without any right to. */
export type MarkerVia = "tag" | "notes" | "none";

/**
 * Location where the marker of a new container can be put. A pool does not count for tags; whether the tag
 * policy allows it shows only when it is set.
 */
export function chooseMarker(
  { pool }: { readonly pool?: string },
  vmid: number,
  permissions: Permissions,
): MarkerVia {
  const may = (path: string): boolean => holds(permissions, path, "VM.Config.Options");
  if (may(`/vms/${vmid}`)) return "tag";
  return pool !== undefined && may(`/pool/${pool}`) ? "notes" : "none";
}

/** True if a run may have had to do without the tag: then every description has to be read. */
export function mayLackTag(permissions: Permissions, policy: TagPolicy): boolean {
  // Without Sys.Audit the policy is not shown. Any VMID stands for all.
  return !holds(permissions, "/", "Sys.Audit") ||
    !holds(permissions, "/vms/100", "VM.Config.Options") ||
    !policy.freeform || policy.registered.includes(CREATING_TAG);
}

/** Change that sets or removes a marker. */
export type NotedChange = Pick<LxcUpdate, "tags" | "description" | "delete">;

/** A run that begins now, in this process. */
export function beginRun(
  { clock, self }: { readonly clock: Clock; readonly self: ProcessInfo },
  vmid: number,
  protects: boolean,
): Run {
  const { host, pid, pidScope } = self;
  const id = crypto.randomUUID().slice(0, 8);
  const since = clock.now();
  return { id, vmid, host, pid, pidScope, since, ...(protects && { protects }) };
}

const LINE =
  /^pxrun-run: (?<id>\w+) of (?<vmid>\d+) on (?<host>.+) pid (?<pid>\d+) since (?<since>[\dTZ:.-]+?)(?<protects>, protected)?(?: \((?<scope>[^()]+)\))?$/m;

function runLine({ id, vmid, host, pid, pidScope, since, protects }: Run): string {
  const scope = pidScope === undefined ? "" : ` (${pidScope})`;
  return `pxrun-run: ${id} of ${vmid} on ${host} pid ${pid} since ${new Date(since).toISOString()}${
    protects ? ", protected" : ""
  }${scope}`;
}

/** The run that a description names, if it does. */
export function readRun(description: string | undefined): Run | undefined {
  const groups = LINE.exec(description ?? "")?.groups;
  if (groups === undefined) return undefined;
  const { id = "", vmid, host = "", pid, since = "", scope, protects } = groups;
  return {
    id,
    vmid: Number(vmid),
    host,
    pid: Number(pid),
    pidScope: scope,
    since: Date.parse(since),
    ...(protects !== undefined && { protects: true }),
  };
}

/** True if a container is marked as one that a create has not finished yet. */
export function isCreating({ tags = [], description }: Noted): boolean {
  return tags.includes(CREATING_TAG) || readRun(description) !== undefined;
}

/** With the mark of a run that makes it. */
export function withCreating({ tags = [], description }: Noted, run: Run, via: MarkerVia): Noted {
  if (via === "none") return { tags, description };
  const text = atTop(runLine(run), description);
  return {
    tags: via === "tag" ? [...tags, CREATING_TAG] : tags,
    // Better without a name of its run than not at all.
    description: text.length > LONGEST_DESCRIPTION ? description : text,
  };
}

/** The parameters of a create call with the marker in them: that takes no request of its own. */
export function withMarker(parameters: LxcCreate, run: Run, via: MarkerVia): LxcCreate {
  const { tags = "", description } = parameters;
  const plain = { tags: parseList(tags), description };
  return { ...parameters, ...changeOf(plain, withCreating(plain, run, via)) };
}

/** With the mark of a failure, and without that of the run. */
export function withFailed(noted: Noted, via: Exclude<MarkerVia, "none">): Noted {
  const { tags = [], description } = unmarked(noted);
  return via === "tag"
    ? { tags: [...tags, FAILED_TAG], description }
    : { tags, description: atTop(FAILED_TAG, description) };
}

/** Without any mark of pxrun's. */
export function unmarked({ tags = [], description = "" }: Noted): Noted {
  const lines = description.split("\n").filter((line) => line !== FAILED_TAG && !LINE.test(line));
  return {
    tags: tags.filter((tag) => tag !== CREATING_TAG && tag !== FAILED_TAG),
    description: lines.join("\n"),
  };
}

/** Change to make; undefined if there is none. */
export function changeOf(before: Noted, after: Noted): NotedChange | undefined {
  const [old, now] = [texts(before), texts(after)];
  const changed = (["tags", "description"] as const).filter((name) => old[name] !== now[name]);
  if (changed.length === 0) return undefined;
  const removed = changed.filter((name) => now[name] === "");
  return {
    ...Object.fromEntries(
      changed.filter((name) => now[name] !== "").map((name) => [name, now[name]]),
    ),
    ...(removed.length > 0 && { delete: removed.join(",") }),
  };
}

/** As they are set; Proxmox gives a description back with a line end. */
function texts({ tags = [], description = "" }: Noted): Record<"tags" | "description", string> {
  return { tags: formatTags(tags), description: description.replace(/\n$/, "") };
}

function atTop(line: string, description = ""): string {
  return description === "" ? line : `${line}\n${description}`;
}

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
  using patience = deadline(cluster.platform.clock, limits.run.marker, leave);
  const follow = { ...target, follow: true, signal: patience.signal };
  const mark = (via: "tag" | "notes"): Promise<void> =>
    updateGuest(cluster, follow, (config) => changeOf(config, withFailed(config, via)));
  try {
    await mark("tag").catch(async (error) => {
      if (!(error instanceof PermissionDenied)) throw error;
      await mark("notes");
    });
    return undefined;
  } catch (error) {
    if (error instanceof OtherGuest) throw error;
    return `could not tag ${target.vmid} as ${FAILED_TAG}: ${reasonOf(error, patience)}`;
  }
}

/** Outcome that a container is finished with. */
export interface UnmarkOptions {
  /** The configuration, where it is being read already. */
  readonly seen?: Promise<LxcConfig> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** True if one that had a mark is protected from now on. */
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
  using patience = deadline(cluster.platform.clock, limits.run.marker, ends);
  let change: NotedChange | undefined;
  const away = (config: LxcConfig): LxcUpdate | undefined => {
    change = changeOf(config, unmarked(config));
    return change && protect ? { ...change, protection: true } : change;
  };
  try {
    const { signal } = patience;
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

function reasonOf(error: unknown, patience: Deadline): string {
  return patience.passed() ? `it took longer than ${limits.run.marker / 1000} s` : messageOf(error);
}

function byHand(vmid: number, change: NotedChange | undefined): string {
  if (change === undefined) {
    return `pct config ${vmid} shows the tag ${CREATING_TAG} and the line pxrun-run, ` +
      `pct set ${vmid} --tags … --description … sets them without`;
  }
  const options = Object.entries(change).flatMap(([name, text = ""]) => [`--${name}`, text]);
  return commandLine(["pct", "set", String(vmid), ...options]);
}
