import type { Secret } from "../../../core/secret.ts";
import { type LxcConfig, readLxcConfig } from "./lxc_config.ts";
import { Fields, readList, readUpid } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { path } from "../../http/wire.ts";

export type { LxcConfig } from "./lxc_config.ts";
export * from "./lxc_interfaces.ts";

/** Settings of a container when it is created and afterwards. By Proxmox's names. */
export interface LxcSettings {
  readonly hostname?: string | undefined;
  readonly cores?: number | undefined;
  /** In cores; may be fractional. */
  readonly cpulimit?: number | undefined;
  readonly cpuunits?: number | undefined;
  /** MiB. */
  readonly memory?: number | undefined;
  /** MiB. */
  readonly swap?: number | undefined;
  /** A property string. */
  readonly features?: string | undefined;
  readonly nameserver?: string | undefined;
  readonly searchdomain?: string | undefined;
  /** A list: `dev;web`. */
  readonly tags?: string | undefined;
  readonly description?: string | undefined;
  readonly timezone?: string | undefined;
  readonly onboot?: boolean | undefined;
  readonly startup?: string | undefined;
  readonly protection?: boolean | undefined;
  /** A volid. For root@pam only. */
  readonly hookscript?: string | undefined;
  /** Property strings. */
  readonly [net: `net${number}`]: string | undefined;
  /** Property strings; a directory of the node is for root@pam only. */
  readonly [mountPoint: `mp${number}`]: string | undefined;
  /** Property strings. For root@pam only. */
  readonly [device: `dev${number}`]: string | undefined;
}

/** A new container. */
export interface LxcCreate extends LxcSettings {
  readonly vmid: number;
  /** The template's volid. */
  readonly ostemplate: string;
  /** Always said, since its default changed with Proxmox VE 9. */
  readonly unprivileged: boolean;
  /** A property string: `local-lvm:8` makes a volume of 8 GiB. */
  readonly rootfs: string;
  readonly pool?: string | undefined;
  /** root's, at least 5 characters; absent: locked. */
  readonly password?: Secret | undefined;
  /** root's, one a line. */
  readonly "ssh-public-keys"?: string | undefined;
}

/** A change of a container. */
export interface LxcUpdate extends LxcSettings {
  /** Names of settings to remove, with commas between them. */
  readonly delete?: string | undefined;
  /** Of the configuration that was read: refuses to overwrite somebody else's change. */
  readonly digest?: string | undefined;
}

/** A container in its node's list. */
export interface LxcRow {
  readonly vmid: number;
  /** `running` or `stopped`. */
  readonly status: string;
  readonly name: string | undefined;
  readonly lock: string | undefined;
  readonly tags: readonly string[];
  readonly template: boolean;
  /** Seconds. */
  readonly uptime: number | undefined;
  /** Share of `cpus`, 0 to 1. */
  readonly cpu: number | undefined;
  readonly cpus: number | undefined;
  /** Bytes. */
  readonly mem: number | undefined;
  /** Bytes. */
  readonly maxmem: number | undefined;
  /** Bytes. */
  readonly disk: number | undefined;
  /** Bytes. */
  readonly maxdisk: number | undefined;
}

/** A container as it is now. */
export interface LxcStatus extends LxcRow {
  /** Started and stopped by HA: a start or stop task only asks for it. */
  readonly haManaged: boolean;
}

/** The containers of a node; unlike the cluster's list it knows new ones by name. */
export async function list(rest: Rest, node: string): Promise<LxcRow[]> {
  const what = path`/nodes/${node}/lxc`;
  return readList(await rest.get(what), what, readRow);
}

/** Starts to create a container. Returns the UPID of the task; a 200 is not a success yet. */
export async function create(rest: Rest, node: string, params: LxcCreate): Promise<string> {
  const what = path`/nodes/${node}/lxc`;
  return readUpid(await rest.post(what, { ...params }), what);
}

/** A container's configuration. */
export async function config(rest: Rest, node: string, vmid: number): Promise<LxcConfig> {
  const what = path`/nodes/${node}/lxc/${vmid}/config`;
  return readLxcConfig(new Fields(await rest.get(what), what));
}

/** State of a container now, without the cluster list's delay. */
export async function current(rest: Rest, node: string, vmid: number): Promise<LxcStatus> {
  const what = path`/nodes/${node}/lxc/${vmid}/status/current`;
  const fields = new Fields(await rest.get(what), what);
  return { ...readRow(fields), haManaged: fields.properties("ha").flag("managed") };
}

function readRow(fields: Fields): LxcRow {
  return {
    vmid: fields.vmid(),
    status: fields.optionalWord("status") ?? "unknown",
    name: fields.optionalWord("name"),
    lock: fields.optionalWord("lock"),
    tags: fields.texts("tags"),
    template: fields.flag("template"),
    uptime: fields.amount("uptime"),
    cpu: fields.amount("cpu"),
    cpus: fields.amount("cpus"),
    mem: fields.amount("mem"),
    maxmem: fields.amount("maxmem"),
    disk: fields.amount("disk"),
    maxdisk: fields.amount("maxdisk"),
  };
}
