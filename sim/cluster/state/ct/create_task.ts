import { messageOf } from "../../../../lib/core/errors.ts";
import type { Cluster, Ct } from "../cluster.ts";
import { broadcast, isHostPath, mountsOf, nameOf } from "./ct.ts";
import { allocate, diskOption } from "./disks.ts";
import { failed } from "../error.ts";
import { withLock } from "./locks.ts";
import { surroundings } from "./network.ts";
import { MOUNT, printProperty } from "../property.ts";
import {
  findStorage,
  findVolume,
  free,
  newVolume,
  parseVolid,
  usageOf,
  volumePath,
} from "../storage.ts";
import type { TaskRun } from "../tasks.ts";
import { warnAboutNesting } from "../template.ts";

/** Container that the create task makes. */
export interface Plan {
  /** Volume id of the template. */
  readonly template: string;
  /** rootfs and mount points as they were asked for. */
  readonly disks: Readonly<Record<string, string>>;
  /** All other options. */
  readonly config: Readonly<Record<string, string>>;
  readonly sshKeys: string | undefined;
  readonly pool: string | undefined;
}

/** The create task: disks, then the unpacked template, then the configuration. Or nothing. */
export async function fillCt(cluster: Cluster, ct: Ct, task: TaskRun, plan: Plan): Promise<void> {
  const made: string[] = [];
  await withLock(cluster, ct.vmid, { signal: task.signal }, async () => {
    try {
      const disks = makeDisks(cluster, ct, task, plan.disks, made);
      await unpack(cluster, ct, task, plan, made);
      ct.config = {
        arch: "amd64",
        hostname: `CT${ct.vmid}`,
        memory: "512",
        swap: "512",
        ostype: ostypeOf(ct.template),
        ...plan.config,
        ...disks,
      };
      warnAboutNesting(ct, task);
      await finish(ct, plan.sshKeys);
      ct.pool = plan.pool;
      broadcast(cluster, ct);
    } catch (error) {
      free(cluster, ct.node, made);
      await ct.guest?.stop();
      await ct.guest?.remove?.();
      if (cluster.cts.get(ct.vmid) === ct) cluster.cts.delete(ct.vmid);
      throw failed(`unable to create CT ${ct.vmid} - ${messageOf(error)}`);
    }
  });
}

/** Allocates what is new; returns rootfs and mpN as the configuration file has them. */
function makeDisks(
  cluster: Cluster,
  ct: Ct,
  task: TaskRun,
  disks: Readonly<Record<string, string>>,
  made: string[],
): Record<string, string> {
  const written: Record<string, string> = {};
  for (const [key, mount] of mountsOf(disks).sort(([a], [b]) => rank(a) - rank(b))) {
    const wanted = mount["volume"] ?? "";
    const fresh = newVolume(wanted);
    if (!fresh) {
      if (!isHostPath(wanted) && !findVolume(cluster, ct.node, wanted)) {
        throw failed(`volume '${wanted}' does not exist`);
      }
      written[key] = printProperty(mount, MOUNT);
      continue;
    }
    const volume = allocate(cluster, { ...ct, ...fresh }, task.log);
    made.push(volume.volid);
    written[key] = diskOption(volume, mount);
  }
  return written;
}

/** rootfs is made first. */
function rank(key: string): number {
  return key === "rootfs" ? -1 : Number(key.slice(2));
}

/** The template's files, in a container's own file system. */
async function unpack(
  cluster: Cluster,
  ct: Ct,
  task: TaskRun,
  plan: Plan,
  made: readonly string[],
): Promise<void> {
  const archive = findVolume(cluster, ct.node, plan.template);
  if (!archive) throw failed(`volume '${plan.template}' does not exist`);
  const { storage, name } = parseVolid(plan.template);
  const where = findStorage(cluster, ct.node, storage);
  task.log(`extracting archive '${volumePath(where, name)}'`);
  try {
    await task.sleep(cluster.timings.createMs);
  } catch (error) {
    throw failed(`command '${tarCommand(ct.vmid)}' failed: ${messageOf(error)}`);
  }
  const bytes = archive.size * 3;
  const root = cluster.volumes.find((volume) => volume.volid === made[0]);
  if (root) {
    const target = findStorage(cluster, ct.node, root.storage);
    const room = root.format === "subvol" ? Infinity : root.size;
    if (Math.min(room, usageOf(cluster, ct.node, target).avail + root.used) < bytes) {
      task.log("tar: ./usr/sbin/zic: Cannot write: No space left on device");
      task.log("tar: Exiting with failure status due to previous errors");
      throw failed(`command '${tarCommand(ct.vmid)}' failed: exit code 2`);
    }
    root.used = Math.max(root.used, bytes);
  }
  task.log(`Total bytes read: ${bytes} (${Math.round(bytes / 1024 ** 2)}MiB, 190MiB/s)`);
  task.log("Detected container architecture: amd64");
  ct.guest = await cluster.makeGuest(ct.template, surroundings(cluster, ct));
  task.signal.throwIfAborted();
  for (const kind of ["rsa", "ecdsa", "ed25519"]) {
    task.log(`Creating SSH host key 'ssh_host_${kind}_key' - this may take some time ...`);
    task.log(`done: SHA256:${hostKeyHash()} root@${plan.config["hostname"] ?? "localhost"}`);
  }
}

/** Command that unpacks a template on a node, as errors quote it. */
function tarCommand(vmid: number): string {
  return "lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- tar xpf - --zstd --totals " +
    "--one-file-system -p --sparse --numeric-owner --acls --xattrs '--xattrs-include=user.*' " +
    "'--xattrs-include=security.capability' '--warning=no-file-ignored' " +
    `'--warning=no-xattr-write' -C /var/lib/lxc/${vmid}/rootfs --skip-old-files --anchored ` +
    "--exclude './dev/*'";
}

function hostKeyHash(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

/** The ostype that a template's files say. */
function ostypeOf(template: string): string {
  return /^[a-z]+/.exec(template)?.[0] ?? "unmanaged";
}

/** Files that Proxmox writes into a fresh container. */
async function finish(ct: Ct, sshKeys: string | undefined): Promise<void> {
  const encode = (text: string) => new TextEncoder().encode(text);
  await ct.guest?.write("/etc/hostname", encode(`${nameOf(ct)}\n`), 0o644);
  if (sshKeys !== undefined) {
    const text = `# --- BEGIN PVE ---\n${sshKeys.trim()}\n# --- END PVE ---\n`;
    await ct.guest?.write("/root/.ssh/authorized_keys", encode(text), 0o600);
  }
}
