import { createHash } from "node:crypto";
import type { Cluster, Ct } from "../cluster.ts";
import { failed } from "../error.ts";
import { MOUNT, parseProperty, type Property } from "../property.ts";

/** Options that replies carry as numbers. */
const NUMBERS = new Set(
  "console cores cpuunits debug memory onboot protection swap template tty unprivileged".split(" "),
);

/**
 * The container with this vmid on this node.
 *
 * @throws {PveError} 500 in the words of its missing configuration file.
 */
export function findCt(cluster: Cluster, node: string, vmid: number): Ct {
  const ct = cluster.cts.get(vmid);
  if (!ct || ct.node !== node) {
    throw failed(`Configuration file 'nodes/${node}/lxc/${vmid}.conf' does not exist`);
  }
  return ct;
}

/** A container that nothing is known of yet but its number. */
export function newCt(
  cluster: Cluster,
  node: string,
  vmid: number,
  template: string,
  config: Record<string, string>,
): Ct {
  const ct: Ct = {
    vmid,
    node,
    config,
    pending: {},
    deleting: new Set(),
    status: "stopped",
    startedAt: undefined,
    links: [],
    pid: 0,
    template: template.split("/").at(-1) ?? template,
    pool: undefined,
    snapshots: [],
    guest: undefined,
  };
  cluster.cts.set(vmid, ct);
  return ct;
}

/** Refuses while the configuration holds a lock. */
export function checkUnlocked(ct: Ct): void {
  const lock = ct.config["lock"];
  if (lock) throw failed(`CT is locked (${lock})`);
}

/** Refuses a vmid that any guest of the cluster has. */
export function checkVmidUnused(cluster: Cluster, vmid: number): void {
  const ct = cluster.cts.get(vmid);
  if (ct) throw failed(`CT ${vmid} already exists on node '${ct.node}'`);
  const vm = cluster.vms.get(vmid);
  if (vm) throw failed(`VM ${vmid} already exists on node '${vm.node}'`);
}

/** The SHA-1 by which an update knows that nobody changed the configuration in between. */
export function digestOf(ct: Ct): string {
  return createHash("sha1")
    .update(JSON.stringify([
      Object.entries(ct.config).sort(),
      Object.entries(ct.pending).sort(),
      [...ct.deleting].sort(),
    ]))
    .digest("hex");
}

/** One option as replies carry it. */
export function optionValue(key: string, value: string): string | number {
  return NUMBERS.has(key) ? Number(value) : value;
}

/** The configuration as GET …/config returns it; pending changes count unless `current`. */
export function configView(ct: Ct, current = false): Record<string, string | number> {
  const config = { ...ct.config, ...(current ? {} : ct.pending) };
  if (!current) { for (const key of ct.deleting) delete config[key]; }
  return {
    ...Object.fromEntries(Object.entries(config).map(([k, v]) => [k, optionValue(k, v)])),
    digest: digestOf(ct),
  };
}

/** Name of it: without a name in its configuration, by its number. */
export function nameOf(ct: { vmid: number; config: Ct["config"] }): string {
  return ct.config["hostname"] ?? `CT${ct.vmid}`;
}

/** True if an option is rootfs or a mount point. */
export function isMount(key: string): boolean {
  return key === "rootfs" || /^mp\d+$/.test(key);
}

/** rootfs and mount points of a configuration, taken apart. */
export function mountsOf(config: Readonly<Record<string, string>>): [string, Property][] {
  return Object.entries(config).filter(([key]) => isMount(key)).sort()
    .map(([key, value]) => [key, parseProperty(value, MOUNT)]);
}

/** True if a volume name is a path on the node: a bind mount or a device. */
export function isHostPath(volume: string | undefined): boolean {
  return volume?.startsWith("/") ?? false;
}

/** Bytes of a size such as `2G`, `256M` or plain bytes. */
export function parseSize(text: string | undefined): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text ?? "") ?? [];
  return number === undefined
    ? 0
    : Math.round(Number(number) * 1024 ** " KMGT".indexOf(unit || " "));
}

/** Bytes as Proxmox writes a size: the largest unit that keeps it whole. */
export function printSize(bytes: number): string {
  for (const power of [4, 3, 2, 1]) {
    const unit = 1024 ** power;
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${" KMGT"[power]}`;
  }
  return `${bytes}`;
}

/** Time of a node's last broadcast: they come at even intervals, as those of pvestatd. */
export function toldAt({ clock, timings, nodes }: Cluster, node: string): number {
  const { bootedAt = 0, tellsAt = bootedAt } = nodes.get(node) ?? {};
  const { resourcesEveryMs: every } = timings;
  return clock.now() - (every === 0 ? 0 : (clock.now() - tellsAt) % every);
}

/** Remembers what /cluster/resources may say of a vmid once its node tells the cluster. */
export function broadcast(cluster: Cluster, ct: Ct): void {
  const last = toldAt(cluster, ct.node);
  const told = cluster.broadcasts.get(ct.vmid) ?? [];
  const seen = told.findLastIndex(({ at }) => at <= last);
  cluster.broadcasts.set(ct.vmid, [...told.slice(Math.max(seen, 0)), {
    at: cluster.clock.now(),
    name: nameOf(ct),
    status: ct.status,
    config: { ...ct.config },
    startedAt: ct.startedAt,
  }]);
}
