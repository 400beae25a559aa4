import { may } from "./access.ts";
import type { Broadcast, Cluster, Ct, SimNode } from "./cluster.ts";
import type { Who } from "./who.ts";
import { mountsOf, nameOf, parseSize, toldAt } from "./ct/ct.ts";
import { holds } from "./faults.ts";
import { seesStorage, storagesOn, usageOf } from "./storage.ts";

const MIB = 1024 ** 2;

/** Limits of a container, from its configuration. */
function limits(cluster: Cluster, ct: { node: string; config: Ct["config"] }): {
  cpus: number;
  maxmem: number;
  maxswap: number;
  maxdisk: number;
} {
  const { cores, memory, swap } = ct.config;
  const root = mountsOf(ct.config).find(([key]) => key === "rootfs")?.[1]["size"];
  return {
    cpus: Number(cores ?? cluster.nodes.get(ct.node)?.cpus ?? 1),
    maxmem: Number(memory ?? 512) * MIB,
    maxswap: Number(swap ?? 0) * MIB,
    maxdisk: root === undefined ? 4096 * MIB : parseSize(root),
  };
}

/** Load that a running container has; nothing for a stopped one. */
function load(now: number, startedAt: number | undefined): Record<string, number> {
  const on = Number(startedAt !== undefined);
  return {
    cpu: 0,
    mem: on * 12 * MIB,
    disk: on * 225 * MIB,
    diskread: 0,
    diskwrite: 0,
    netin: on * 220,
    netout: on * 426,
    uptime: startedAt === undefined ? 0 : Math.floor((now - startedAt) / 1000),
  };
}

/** One line of GET …/lxc, and with `ha` GET …/status/current. */
export function statusView(cluster: Cluster, ct: Ct): Record<string, unknown> {
  const { lock, tags, template } = ct.config;
  const pressure = ["cpufull", "cpusome", "iofull", "iosome", "memoryfull", "memorysome"]
    .map((name) => [`pressure${name}`, null] as const);
  return {
    vmid: ct.vmid,
    name: nameOf(ct),
    type: "lxc",
    status: ct.status,
    ...limits(cluster, ct),
    ...load(cluster.clock.now(), ct.startedAt),
    swap: 0,
    ...(ct.status === "running" ? { pid: ct.pid, ...Object.fromEntries(pressure) } : {}),
    ...(lock === undefined ? {} : { lock }),
    ...(tags === undefined || tags === "" ? {} : { tags }),
    ...(template === "1" ? { template: 1 } : {}),
  };
}

/** True if a node can be reached. */
export function isUp(cluster: Cluster, node: string): boolean {
  return !holds(cluster, "node-down", { node });
}

/** Last broadcast about a VMID, whichever guest had it then. */
function lastSeen(cluster: Cluster, { vmid, node }: Ct): Broadcast | undefined {
  if (!isUp(cluster, node)) return undefined;
  const told = toldAt(cluster, node);
  return cluster.broadcasts.get(vmid)?.findLast(({ at }) => at <= told);
}

/** One guest as /cluster/resources and pools show it: late, nameless or as the former owner. */
export function guestResource(cluster: Cluster, ct: Ct): Record<string, unknown> {
  const { vmid, node, pool } = ct;
  const { lock, tags } = ct.config;
  const seen = lastSeen(cluster, ct);
  const { cpus: maxcpu, maxmem, maxdisk } = limits(cluster, seen ? { node, ...seen } : ct);
  return {
    id: `lxc/${vmid}`,
    node,
    type: "lxc",
    vmid,
    status: seen?.status ?? "unknown",
    ...(seen === undefined ? {} : {
      name: seen.name,
      maxcpu,
      maxmem,
      maxdisk,
      memhost: 0,
      template: Number(seen.config["template"] ?? 0),
      ...(pool === undefined ? {} : { pool }),
      ...load(cluster.clock.now(), seen.startedAt),
    }),
    ...(lock === undefined ? {} : { lock }),
    ...(tags === undefined || tags === "" ? {} : { tags }),
  };
}

/** Virtual machines, as /cluster/resources shows them. */
export function vmResources(cluster: Cluster): Record<string, unknown>[] {
  return [...cluster.vms.values()].map((vm) => ({
    ...vm,
    id: `qemu/${vm.vmid}`,
    type: "qemu",
    template: 0,
    maxcpu: 2,
    maxmem: 2048 * MIB,
    maxdisk: 32 * 1024 * MIB,
    ...load(0, undefined),
  }));
}

/** One node as GET /nodes shows it to somebody. */
export function nodeView(cluster: Cluster, who: Who, node: SimNode): Record<string, unknown> {
  const { name } = node;
  const up = isUp(cluster, name);
  const audit = up && may(cluster, who, `/nodes/${name}`, ["Sys.Audit"]);
  return {
    node: name,
    id: `node/${name}`,
    type: "node",
    level: "",
    status: up ? "online" : "offline",
    ...(audit ? nodeLoad(cluster, node) : {}),
  };
}

/** Capacity and usage of a node. */
export function nodeLoad(cluster: Cluster, node: SimNode): Record<string, number> {
  const running = [...cluster.cts.values()]
    .filter((ct) => ct.node === node.name && ct.status === "running").length;
  return {
    cpu: 0.02 + running * 0.01,
    maxcpu: node.cpus,
    mem: Math.round(node.memory * 0.1) + running * 100 * MIB,
    maxmem: node.memory,
    disk: Math.round(node.disk * 0.1),
    maxdisk: node.disk,
    uptime: Math.floor((cluster.clock.now() - node.bootedAt) / 1000),
  };
}

/** Every resource that somebody may see, in the order in which Proxmox lists them. */
export function resources(cluster: Cluster, who: Who, type?: string): Record<string, unknown>[] {
  const wants = (kind: string) => type === undefined || type === kind;
  return [
    ...(type === undefined ? pools(cluster, who) : []),
    ...(wants("vm") ? guests(cluster, who) : []),
    ...(wants("node") ? nodes(cluster, who) : []),
    ...(wants("storage") ? storages(cluster, who) : []),
    ...(type === undefined ? zones(cluster, who) : []),
  ];
}

function pools(cluster: Cluster, who: Who): Record<string, unknown>[] {
  return [...cluster.pools.values()]
    .filter(({ id }) => may(cluster, who, `/pool/${id}`, ["Pool.Audit"]))
    .map(({ id }) => ({ type: "pool", id: `/pool/${id}`, pool: id }));
}

function guests(cluster: Cluster, who: Who): Record<string, unknown>[] {
  return [
    ...[...cluster.cts.values()].map((ct) => guestResource(cluster, ct)),
    ...vmResources(cluster),
  ]
    .filter(({ vmid }) => may(cluster, who, `/vms/${vmid}`, ["VM.Audit"]))
    .sort((a, b) => Number(a["vmid"]) - Number(b["vmid"]));
}

function nodes(cluster: Cluster, who: Who): Record<string, unknown>[] {
  return [...cluster.nodes.values()]
    .map((node) => ({ ...nodeView(cluster, who, node), "cgroup-mode": 2 }));
}

function storages(cluster: Cluster, who: Who): Record<string, unknown>[] {
  return [...cluster.nodes.keys()].flatMap((node) =>
    storagesOn(cluster, node).filter(({ id }) => seesStorage(cluster, who, id)).map((storage) => {
      const { total, used } = usageOf(cluster, node, storage);
      const up = isUp(cluster, node);
      return {
        id: `storage/${node}/${storage.id}`,
        type: "storage",
        storage: storage.id,
        node,
        plugintype: storage.type,
        content: storage.content.join(","),
        shared: Number(storage.shared),
        status: up ? "available" : "unknown",
        ...(up ? { disk: used, maxdisk: total } : {}),
      };
    })
  );
}

function zones(cluster: Cluster, who: Who): Record<string, unknown>[] {
  if (!may(cluster, who, "/sdn/zones/localnetwork", ["SDN.Audit"])) return [];
  return [...cluster.nodes.keys()].map((node) => ({
    id: `network/${node}/zone/localnetwork`,
    type: "network",
    network: "localnetwork",
    "network-type": "zone",
    node,
    status: "ok",
  }));
}
