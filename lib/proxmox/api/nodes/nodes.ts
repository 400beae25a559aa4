import { Fields, readList } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { path } from "../../http/wire.ts";

/** A node of the cluster. Loads are absent without Sys.Audit. */
export interface Node {
  readonly node: string;
  /** `online`, `offline` or `unknown`. */
  readonly status: string;
  /** SHA-256 of its certificate, to pin it. */
  readonly ssl_fingerprint: string | undefined;
  /** Seconds. */
  readonly uptime: number | undefined;
  /** Share of `maxcpu`, 0 to 1. */
  readonly cpu: number | undefined;
  readonly maxcpu: number | undefined;
  /** Bytes. */
  readonly mem: number | undefined;
  /** Bytes. */
  readonly maxmem: number | undefined;
}

/** The nodes, by the names that every other call needs. */
export async function list(rest: Rest): Promise<Node[]> {
  return readList(await rest.get("/nodes"), "/nodes", (fields) => ({
    node: fields.node(),
    status: fields.optionalText("status") ?? "unknown",
    ssl_fingerprint: fields.optionalText("ssl_fingerprint"),
    uptime: fields.amount("uptime"),
    cpu: fields.amount("cpu"),
    maxcpu: fields.amount("maxcpu"),
    mem: fields.amount("mem"),
    maxmem: fields.amount("maxmem"),
  }));
}

/** Bytes. */
interface Room {
  readonly total: number | undefined;
  readonly used: number | undefined;
}

/** Load of one node. */
export interface NodeStatus {
  /** `pve-manager/9.2.11/14a22df35955d97d`. */
  readonly pveversion: string | undefined;
  /** Of its processor, as the kernel says it: `x86_64`, `aarch64`. */
  readonly machine: string | undefined;
  /** Seconds. */
  readonly uptime: number | undefined;
  /** Share of `cpus`, 0 to 1. */
  readonly cpu: number | undefined;
  /** Logical processors. */
  readonly cpus: number | undefined;
  /** Bytes. */
  readonly memory: Room & { readonly free: number | undefined };
  /** Bytes of the node's own file system. */
  readonly rootfs: Room & { readonly avail: number | undefined };
}

/** Load of one node. Needs Sys.Audit on it. */
export async function status(rest: Rest, node: string): Promise<NodeStatus> {
  const what = path`/nodes/${node}/status`;
  const fields = new Fields(await rest.get(what), what);
  const part = (name: string): Fields | undefined =>
    fields.names().includes(name) ? fields.fields(name) : undefined;
  const memory = part("memory");
  const rootfs = part("rootfs");
  return {
    pveversion: fields.optionalText("pveversion"),
    machine: part("current-kernel")?.optionalText("machine"),
    uptime: fields.amount("uptime"),
    cpu: fields.amount("cpu"),
    cpus: part("cpuinfo")?.amount("cpus"),
    memory: {
      total: memory?.amount("total"),
      used: memory?.amount("used"),
      free: memory?.amount("free"),
    },
    rootfs: {
      total: rootfs?.amount("total"),
      used: rootfs?.amount("used"),
      avail: rootfs?.amount("avail"),
    },
  };
}

/** A network interface of a node. */
export interface NetworkRow {
  readonly iface: string;
  /** `bridge`, `OVSBridge`, `vnet`, `eth`, `bond` … */
  readonly type: string | undefined;
  readonly active: boolean;
  /** The node's own address there, with its prefix. */
  readonly cidr: string | undefined;
  /** True if interfaces on it may have a VLAN tag. */
  readonly vlanAware: boolean;
}

/**
 * A node's interfaces.
 *
 * @param type Only these; `any_bridge` is everything a container can be attached to.
 */
export async function network(
  rest: Rest,
  node: string,
  type?: "any_bridge",
): Promise<NetworkRow[]> {
  const what = path`/nodes/${node}/network`;
  return readList(await rest.get(what, { type }), what, (fields) => ({
    iface: fields.text("iface"),
    type: fields.optionalText("type"),
    active: fields.flag("active"),
    cidr: fields.optionalText("cidr"),
    vlanAware: fields.flag("bridge_vlan_aware"),
  }));
}
