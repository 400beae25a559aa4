import { check, checkGuest, may, mayAny } from "../access.ts";
import type { Cluster } from "../cluster.ts";
import type { Who } from "../who.ts";
import { isHostPath, isMount } from "./ct.ts";
import { forbidden } from "../error.ts";
import { FEATURES, MOUNT, NET, parseProperty, splitList } from "../property.ts";
import { checkVolumeAccess, newVolume } from "../storage.ts";
import { isRoot } from "../who.ts";

/** A change of a container's configuration that somebody asks for. */
export interface Change {
  readonly vmid: number;
  /** The pool that the container is being made in. */
  readonly pool?: string | undefined;
  readonly old: Readonly<Record<string, string>>;
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  readonly unprivileged: boolean;
}

/** Which privilege an option needs; options that are not here need VM.Config.Options. */
const PRIVILEGE: readonly (readonly [RegExp, string])[] = [
  [/^(cores|cpulimit|cpuunits)$/, "VM.Config.CPU"],
  [/^(memory|swap)$/, "VM.Config.Memory"],
  [/^(hostname|nameserver|searchdomain|net\d+)$/, "VM.Config.Network"],
  [/^(rootfs|mp\d+)$/, "VM.Config.Disk"],
];

/** Refuses a change that somebody has no right to make. */
export function checkChange(cluster: Cluster, who: Who, change: Change): void {
  if (isRoot(who)) return;
  for (const key of [...Object.keys(change.set), ...change.remove]) {
    checkOption(cluster, who, change, key);
  }
}

function checkOption(cluster: Cluster, who: Who, change: Change, key: string): void {
  const { vmid, pool, old } = change;
  const value = change.set[key];
  if (/^dev\d+$/.test(key)) throw only("configuring device passthrough");
  if (key === "hookscript") throw only("changing the hookscript");
  if (key === "features") return checkFeatures(cluster, who, change);
  if (key === "tags") return checkTags(cluster, who, vmid, old["tags"], value);
  const privilege = PRIVILEGE.find(([pattern]) => pattern.test(key))?.[1] ?? "VM.Config.Options";
  checkGuest(cluster, who, vmid, pool, [privilege]);
  if (/^net/.test(key)) {
    for (const text of [old[key], value]) if (text) checkBridge(cluster, who, text);
  }
  if (isMount(key) && value !== undefined) checkMount(cluster, who, vmid, value);
}

function only(what: string): Error {
  return forbidden(`${what} is only allowed for root@pam`);
}

function checkMount(cluster: Cluster, who: Who, vmid: number, value: string): void {
  const volume = parseProperty(value, MOUNT)["volume"] ?? "";
  if (isHostPath(volume)) {
    throw only(`mount point type ${volume.startsWith("/dev/") ? "device" : "bind"}`);
  }
  const fresh = newVolume(volume);
  if (!fresh) return checkVolumeAccess(cluster, who, vmid, volume);
  if (!cluster.storages.has(fresh.storage)) return; // said later, in the words of a missing storage
  check(cluster, who, `/storage/${fresh.storage}`, ["Datastore.AllocateSpace"]);
}

function checkBridge(cluster: Cluster, who: Who, value: string): void {
  const { bridge, tag } = parseProperty(value, NET);
  if (bridge === undefined) return;
  const path = `/sdn/zones/localnetwork/${bridge}`;
  if (tag !== undefined && may(cluster, who, `${path}/${tag}`, ["SDN.Use"])) return;
  check(cluster, who, path, ["SDN.Use"]);
}

function checkFeatures(cluster: Cluster, who: Who, change: Change): void {
  if (!change.unprivileged) {
    throw only("changing feature flags for privileged container");
  }
  const before = parseProperty(change.old["features"] ?? "", FEATURES);
  const after = parseProperty(change.set["features"] ?? "", FEATURES);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name]);
  if (changed.some((name) => name !== "nesting")) {
    throw only("changing feature flags (except nesting)");
  }
  if (changed.length > 0) checkGuest(cluster, who, change.vmid, change.pool, ["VM.Allocate"]);
}

function checkTags(
  cluster: Cluster,
  who: Who,
  vmid: number,
  before: string | undefined,
  after: string | undefined,
): void {
  check(cluster, who, `/vms/${vmid}`, ["VM.Config.Options"]);
  if (mayAny(cluster, who, "/", ["Sys.Modify"])) return;
  const { userAllowTags, registeredTags } = cluster.options;
  const old = new Set(tagList(cluster, before));
  const fresh = new Set(tagList(cluster, after));
  const known = allowedTags(cluster, who);
  const allowed = (tag: string) =>
    known.includes(tag) || (userAllowTags === "free" && !registeredTags.includes(tag));
  const changed = [...fresh].filter((tag) => !old.has(tag))
    .concat([...old].filter((tag) => !fresh.has(tag)));
  const refused = changed.find((tag) => !allowed(tag));
  if (refused !== undefined) throw forbidden(`/, Sys.Modify for modifying tag '${refused}'`);
}

/** The tags that somebody may set in any case. */
export function allowedTags(cluster: Cluster, who: Who): string[] {
  const { userAllowTags, userAllowList, registeredTags } = cluster.options;
  const privileged = mayAny(cluster, who, "/", ["Sys.Modify"]);
  const used = [...cluster.cts.values()]
    .filter(({ vmid }) => privileged || mayAny(cluster, who, `/vms/${vmid}`, ["VM.Audit"]))
    .flatMap((ct) => tagList(cluster, ct.config["tags"]));
  const listed = userAllowTags !== "none" || privileged ? userAllowList : [];
  const existing = privileged || ["free", "existing"].includes(userAllowTags) ? used : [];
  return [...new Set([...listed, ...existing, ...(privileged ? registeredTags : [])])]
    .filter((tag) => privileged || !registeredTags.includes(tag)).sort();
}

/** Tags as Proxmox keeps them: in lower case unless the style says otherwise, each once, sorted. */
export function tagList({ options }: Pick<Cluster, "options">, text: string | undefined): string[] {
  const kept = (tag: string): string => options.caseSensitiveTags ? tag : tag.toLowerCase();
  return [...new Set(splitList(text).map(kept))].sort();
}
