import { checkAny, mayAny } from "./access.ts";
import type { Cluster, Storage, Volume } from "./cluster.ts";
import type { Who } from "./who.ts";
import { failed } from "./error.ts";
import { holds } from "./faults.ts";
import { isHostPath, parseSize } from "./ct/ct.ts";
import { isRoot } from "./who.ts";

/** Which rights show a storage. */
export const STORAGE_READ = ["Datastore.Audit", "Datastore.AllocateSpace"];

/** A storage of a node by its name. */
export function findStorage(cluster: Cluster, node: string, id: string): Storage {
  const storage = cluster.storages.get(id);
  if (!storage) throw failed(`storage '${id}' does not exist`);
  if (!storage.enabled) throw failed(`storage '${id}' is disabled`);
  if (storage.nodes && !storage.nodes.includes(node)) {
    throw failed(`storage '${id}' is not available on node '${node}'`);
  }
  return storage;
}

/** The storages that a node has, in the order of their definition. */
export function storagesOn(cluster: Cluster, node: string): Storage[] {
  return [...cluster.storages.values()].filter((s) => s.nodes?.includes(node) ?? true);
}

/** Volumes of a storage, seen from a node. */
export function volumesOn(cluster: Cluster, node: string, id: string): Volume[] {
  return cluster.volumes.filter((v) => v.storage === id && (v.node ?? node) === node);
}

/** Bytes used and free of a storage, seen from a node. */
export function usageOf(
  cluster: Cluster,
  node: string,
  storage: Storage,
): { total: number; used: number; avail: number } {
  const { id, total } = storage;
  const full = holds(cluster, "full-storage", { storage: id, node }) !== undefined;
  const listed = volumesOn(cluster, node, id).reduce((sum, volume) => sum + volume.used, 0);
  const used = full ? total : Math.min(total, storage.used + listed);
  return { total, used, avail: total - used };
}

/** One storage as the list and its status show it. */
export function storageView(
  cluster: Cluster,
  node: string,
  storage: Storage,
): Record<string, unknown> {
  const { id, type, content, shared, enabled } = storage;
  const active = enabled && !holds(cluster, "storage-inactive", { storage: id, node });
  return {
    type,
    content: content.join(","),
    shared: Number(shared),
    enabled: Number(enabled),
    active: Number(active),
    ...(active ? usageOf(cluster, node, storage) : { total: 0, used: 0, avail: 0 }),
  };
}

/** True if somebody may see a storage. */
export function seesStorage(cluster: Cluster, who: Who, id: string): boolean {
  return mayAny(cluster, who, `/storage/${id}`, STORAGE_READ);
}

/** The two halves of a volume id. */
export function parseVolid(volid: string): { storage: string; name: string } {
  const [, storage, name] = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i.exec(volid) ?? [];
  if (storage === undefined || name === undefined) {
    throw failed(`unable to parse volume ID '${volid}'`);
  }
  return { storage, name };
}

/** A volume by its id, seen from a node. */
export function findVolume(cluster: Cluster, node: string, volid: string): Volume | undefined {
  return cluster.volumes.find((v) => v.volid === volid && (v.node ?? node) === node);
}

/** Refuses who may not use an existing volume. */
export function checkVolumeAccess(
  cluster: Cluster,
  who: Who,
  vmid: number | undefined,
  volid: string,
): void {
  if (!/^[a-z][\w.-]*:.+$/i.test(volid)) {
    if (isRoot(who) && isHostPath(volid)) return;
    throw failed(
      "Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.",
    );
  }
  const { storage } = parseVolid(volid);
  if (!cluster.storages.has(storage)) throw failed(`storage '${storage}' does not exist`);
  if (vmid !== undefined && volid.includes(`vm-${vmid}-`)) return;
  checkAny(cluster, who, `/storage/${storage}`, ["Datastore.AllocateSpace", "Datastore.Audit"]);
}

/** Path of a volume's file on the node. */
export function volumePath(storage: Storage, name: string): string {
  const root = storage.path ?? `/dev/${storage.id}`;
  if (name.startsWith("vztmpl/")) return `${root}/template/cache/${name.slice(7)}`;
  return storage.path === undefined ? `${root}/${name}` : `${root}/images/${name}`;
}

/** `STORE:GiB`, which asks for a new volume. */
export function newVolume(volume: string): { storage: string; bytes: number } | undefined {
  const [, storage, size] = /^([a-z][\w.-]*):(\d+(?:\.\d+)?)$/i.exec(volume) ?? [];
  return storage === undefined ? undefined : { storage, bytes: parseSize(`${size}G`) };
}

/** Takes volumes off their storage. */
export function free(cluster: Cluster, node: string, volids: readonly string[]): void {
  cluster.volumes = cluster.volumes
    .filter((v) => !(volids.includes(v.volid) && (v.node ?? node) === node));
}
