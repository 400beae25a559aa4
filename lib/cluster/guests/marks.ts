import type { Clock, Self } from "../../core/world.ts";
import { formatTags } from "../../proxmox/http/properties.ts";
import type { LxcConfig, LxcUpdate } from "../../proxmox/api/nodes/lxc.ts";

/** The tag of a container that a create has not finished yet. */
export const CREATING_TAG = "pxrun-creating";

/** The tag of a container whose provisioning did not finish. */
export const FAILED_TAG = "pxrun-failed";

/** How long Proxmox lets a description be. */
export const LONGEST_DESCRIPTION = 8192;

/** The run of pxrun that makes a container, as the container's description names it. */
export interface Run {
  readonly id: string;
  /** The container that it makes: a clone or a restored backup has the same text. */
  readonly vmid: number;
  /** The machine and the process. */
  readonly host: string;
  readonly pid: number;
  /** {@linkcode Self.pidScope} of that process. */
  readonly pidScope: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** True if it makes a protected container: any other protection is not its own. */
  readonly protects?: true;
}

/** What a mark is written into. */
export type Noted = Partial<Pick<LxcConfig, "tags" | "description">>;

/** Where a mark may be put: `line` where no tag may be set, `none` where no description either. */
export type MarkWay = "tag" | "line" | "none";

/** What is changed to put a mark or to take one away. */
export type NotedChange = Pick<LxcUpdate, "tags" | "description" | "delete">;

/** A run that begins now, in this process. */
export function beginRun(
  { clock, self }: { readonly clock: Clock; readonly self: Self },
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

/** Whether a container is marked as one that a create has not finished yet. */
export function isCreating({ tags = [], description }: Noted): boolean {
  return tags.includes(CREATING_TAG) || readRun(description) !== undefined;
}

/** With the mark of a run that makes it. */
export function withCreating({ tags = [], description }: Noted, run: Run, way: MarkWay): Noted {
  if (way === "none") return { tags, description };
  const text = atTop(runLine(run), description);
  return {
    tags: way === "tag" ? [...tags, CREATING_TAG] : tags,
    // Better without a name of its run than not at all.
    description: text.length > LONGEST_DESCRIPTION ? description : text,
  };
}

/** With the mark of a failure, and without that of the run. */
export function withFailed(noted: Noted, way: Exclude<MarkWay, "none">): Noted {
  const { tags = [], description } = unmarked(noted);
  return way === "tag"
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

/** What is to be changed; undefined when nothing is. */
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
