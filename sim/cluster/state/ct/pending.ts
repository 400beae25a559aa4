import type { Cluster, Ct } from "../cluster.ts";
import { printNet } from "./config_text.ts";
import { broadcast, isHostPath, mountsOf, printSize } from "./ct.ts";
import { allocate, diskOption } from "./disks.ts";
import { failed } from "../error.ts";
import { MOUNT, parseProperty, printProperty } from "../property.ts";
import { findVolume, free, newVolume } from "../storage.ts";

/** A configuration file while it is changed: nothing of it counts until it is written. */
export interface Draft {
  readonly config: Record<string, string>;
  /** Values that wait for the next start. */
  readonly pending: Record<string, string>;
  /** Options that the next start deletes. */
  readonly deleting: Set<string>;
}

/** Errors of single options, in the words of Proxmox. */
export type OptionErrors = Record<string, string>;

/** The configuration file as it is, to be changed. */
export function draftOf({ config, pending, deleting }: Ct): Draft {
  return { config: { ...config }, pending: { ...pending }, deleting: new Set(deleting) };
}

/** Writes a draft: what reads the configuration sees it from now on. */
export function write(ct: Ct, draft: Draft): void {
  const used = new Set(mountsOf(draft.config).map(([, { volume }]) => volume));
  for (const [key, value] of Object.entries(draft.config)) {
    if (/^unused\d+$/.test(key) && used.has(value)) delete draft.config[key];
  }
  // In place: a test that holds the configuration sees it change.
  replace(ct.config, draft.config);
  replace(ct.pending, draft.pending);
  ct.deleting = new Set(draft.deleting);
}

function replace(target: Record<string, string>, source: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(target)) if (source[key] === undefined) delete target[key];
  Object.assign(target, source);
}

/** Drops what would change nothing: a value that is there already, a deletion of what is not there. */
export function cleanUp({ config, pending, deleting }: Draft): void {
  for (const [key, value] of Object.entries(pending)) {
    if (config[key] === value) delete pending[key];
  }
  for (const key of deleting) if (config[key] === undefined) deleting.delete(key);
}

/** Applies pending changes to a container that does not run: those of `selected`, or all. */
export function applyPending(
  cluster: Cluster,
  ct: Ct,
  draft: Draft,
  selected?: ReadonlySet<string>,
): OptionErrors {
  const errors: OptionErrors = {};
  const each = (keys: Iterable<string>, apply: (key: string) => void): void => {
    for (const key of [...keys].sort()) {
      if (selected && !selected.has(key)) continue;
      try {
        apply(key);
      } catch (error) {
        errors[key] = `unable to apply pending change ${key} : ${Object(error).message}\n`;
      }
    }
  };
  each(draft.deleting, (key) => {
    if (/^mp\d+$/.test(key)) keepVolume(draft.config, draft.config[key]);
    removeOption(cluster, ct, draft, key);
  });
  cleanUp(draft);
  each(Object.keys(draft.pending), (key) => {
    const value = draft.pending[key] ?? "";
    const net = /^net\d+$/.test(key);
    setOption(
      draft,
      key,
      /^mp\d+$/.test(key)
        ? applyMount(cluster, ct, draft, key)
        : net
        ? printNet(cluster, value)
        : value,
    );
  });
  return errors;
}

/** Deletes an option; the volume of an `unusedN` with it. */
export function removeOption(cluster: Cluster, ct: Ct, draft: Draft, key: string): void {
  const value = draft.config[key];
  if (/^unused\d+$/.test(key) && value !== undefined) free(cluster, ct.node, [value]);
  delete draft.config[key];
  draft.deleting.delete(key);
}

/** Puts a value into the configuration. An empty description is none, empty tags are one blank. */
export function setOption({ config, pending }: Draft, key: string, value: string): void {
  if (key === "description" && value === "") delete config[key];
  else config[key] = key === "tags" && value === "" ? " " : value;
  delete pending[key];
}

/** The value of a mount point: a new volume is allocated, the size of an existing one is looked up. */
export function applyMount(cluster: Cluster, ct: Ct, draft: Draft, key: string): string {
  const mount = parseProperty(draft.pending[key] ?? "", MOUNT);
  const volume = mount["volume"] ?? "";
  const fresh = newVolume(volume);
  let value: string;
  if (fresh) value = diskOption(allocate(cluster, { ...ct, ...fresh }), mount);
  else if (isHostPath(volume)) value = printProperty(mount, MOUNT);
  else {
    const found = findVolume(cluster, ct.node, volume);
    if (!found) throw failed(`volume '${volume}' does not exist`);
    value = printProperty(
      { ...mount, size: found.size > 0 ? printSize(found.size) : "0T" },
      MOUNT,
    );
  }
  const old = draft.config[key];
  if (old !== undefined && volumeOf(old) !== volumeOf(value)) keepVolume(draft.config, old);
  return value;
}

/** Keeps the volume of a mount point that is no longer used as `unusedN`. */
function keepVolume(config: Record<string, string>, mount: string | undefined): void {
  const volume = volumeOf(mount ?? "");
  if (volume === "" || isHostPath(volume)) return;
  let number = 0;
  while (config[`unused${number}`] !== undefined) number++;
  config[`unused${number}`] = volume;
}

function volumeOf(mount: string): string {
  return parseProperty(mount, MOUNT)["volume"] ?? "";
}

/** Applies all that is pending, as a start and every stop do. */
export function activate(cluster: Cluster, ct: Ct): void {
  const draft = draftOf(ct);
  applyPending(cluster, ct, draft);
  write(ct, draft);
}

/** Notes that nothing runs inside any more, whatever ended it. */
export function markStopped(cluster: Cluster, ct: Ct): void {
  activate(cluster, ct);
  Object.assign(ct, { status: "stopped", startedAt: undefined, links: [], pid: 0 });
  broadcast(cluster, ct);
}
