import type { Cluster, Storage, Volume } from "../cluster.ts";
import { mountsOf, printSize } from "./ct.ts";
import { failed, type PveError } from "../error.ts";
import { MOUNT, printProperty, type Property } from "../property.ts";
import { findStorage, newVolume, usageOf, volumePath } from "../storage.ts";
import { seconds } from "../time.ts";

/** The largest image that a file can hold. */
export const LARGEST_FILE = 16 * 1024 ** 4;

/** A new disk that somebody asks for. */
export interface NewDisk {
  readonly node: string;
  readonly vmid: number;
  readonly storage: string;
  /** 0 for a directory without a limit. */
  readonly bytes: number;
}

/**
 * Puts a new disk of a container on a storage. Thick LVM takes at once all that is asked for, the
 * others what is written later: they refuse a disk only when there is no room at all.
 *
 * @param log Takes what this prints in a task's log, also when it fails.
 */
export function allocate(
  cluster: Cluster,
  { node, vmid, storage: id, bytes }: NewDisk,
  log: (line: string) => void = () => {},
): Volume {
  const storage = findStorage(cluster, node, id);
  const filed = storage.path !== undefined;
  const subvol = bytes === 0 || storage.type === "zfspool";
  const base = `${subvol ? "subvol" : "vm"}-${vmid}-disk-${freeNumber(cluster, id, vmid)}`;
  const name = filed ? `${vmid}/${base}${subvol ? ".subvol" : ".raw"}` : base;
  const path = volumePath(storage, name);
  if (filed && !subvol) log(`Formatting '${path}', fmt=raw size=${bytes} preallocation=off`);
  if (filed && bytes > LARGEST_FILE) {
    throw failed(
      `unable to create image: qemu-img: ${path}: The image size is too large for file format 'raw'`,
    );
  }
  const thick = storage.type === "lvm";
  const { avail } = usageOf(cluster, node, storage);
  if (thick ? avail < bytes : !filed && avail === 0) throw noRoom(storage, base);
  if (!subvol) formatLines(bytes).forEach(log);
  const volume: Volume = {
    volid: `${id}:${name}`,
    storage: id,
    ...(storage.shared ? {} : { node }),
    content: "rootdir",
    format: subvol ? "subvol" : "raw",
    size: bytes,
    used: thick ? bytes : 0,
    ctime: seconds(cluster),
    vmid,
  };
  cluster.volumes.push(volume);
  return volume;
}

/** The first number that no disk of the container has on a storage. */
function freeNumber(cluster: Cluster, storage: string, vmid: number): number {
  const taken = cluster.volumes.filter((volume) => volume.storage === storage)
    .map(({ volid }) => new RegExp(`-${vmid}-disk-(\\d+)(\\.|$)`).exec(volid)?.[1]);
  let number = 0;
  while (taken.includes(`${number}`)) number++;
  return number;
}

function noRoom({ id, type }: Storage, disk: string): PveError {
  if (type === "zfspool") return failed(`zfs error: cannot create '${id}/${disk}': out of space`);
  return failed(
    type === "lvmthin"
      ? `lvcreate 'pve/${disk}' error:   Cannot create new thin volume, free space in thin pool ` +
        "pve/data reached threshold."
      : `lvcreate 'pve/${disk}' error:   Volume group "pve" has insufficient free space`,
  );
}

/** Output of mkfs. */
function formatLines(bytes: number): string[] {
  const small = bytes < 512 * 1024 ** 2;
  const blocks = Math.floor(bytes / (small ? 1024 : 4096));
  const inodes = Math.floor(blocks / 4);
  return [
    `Creating filesystem with ${blocks} ${small ? "1k" : "4k"} blocks and ${inodes} inodes`,
    `Filesystem UUID: ${crypto.randomUUID()}`,
    "Superblock backups stored on blocks: ",
    "\t32768, 98304, 163840, 229376, 294912",
  ];
}

/** A mount option with the volume that was made for it. */
export function diskOption({ volid, size }: Volume, mount: Property): string {
  return printProperty({ ...mount, volume: volid, size: size > 0 ? printSize(size) : "0T" }, MOUNT);
}

/** Refuses a disk that a change has left as the request for a new one: nothing can be done with it. */
export function checkDisks(config: Readonly<Record<string, string>>): void {
  for (const [, { volume = "" }] of mountsOf(config)) {
    if (newVolume(volume) === undefined) continue;
    throw failed(`unable to parse directory volume name '${volume.split(":")[1]}'`);
  }
}
