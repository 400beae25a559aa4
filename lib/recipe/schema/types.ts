import type { Position } from "../../core/problem.ts";
import type { Secret } from "../../core/secret.ts";

export type { Position };

/**
 * Text that may hold a secret: it came from the environment or an encrypted leaf.
 *
 * @category Recipes
 */
export type Sensitive = string | Secret;

/**
 * Locations of a recipe's values: dotted path (`container.network[0].ip`) to position.
 *
 * @category Recipes
 */
export interface Origin {
  readonly file: string;
  readonly positions: Readonly<Record<string, Position>>;
}

/**
 * One container, as its author wants it: complete, with every default filled
 * in and every accepted spelling brought to one form. Keys are spelled as in the file.
 *
 * @category Recipes
 */
export interface Recipe {
  readonly version: "1.0";
  readonly container: Container;
  readonly provisioning: Provisioning;
  /** Source of it; absent for a recipe that was made by code or by questions. */
  readonly origin?: Origin;
  /** Path of each value that is not the file's → what gave it: `--node`, a setting, an answer. */
  readonly sources?: Readonly<Record<string, string>>;
}

/**
 * The container itself.
 *
 * @category Recipes
 */
export interface Container {
  readonly hostname: string;
  /** Alias (`debian-13`), file name, or volid. */
  readonly template: string;
  /** Absent: chosen by placement. */
  readonly node?: string;
  /** Absent: the next free one. */
  readonly vmid?: number;
  readonly pool?: string;
  readonly unprivileged: boolean;
  readonly resources: Resources;
  /** net0, net1 … in order; at least one. */
  readonly network: readonly NetworkInterface[];
  /** DNS servers; absent: those of the node. */
  readonly nameserver?: string;
  readonly searchdomain?: string;
  readonly features: Features;
  readonly mount_points: readonly MountPoint[];
  readonly devices: readonly Device[];
  /** The volid of a snippet. */
  readonly hookscript?: string;
  /** As Proxmox spells it: `order=1,up=10`. */
  readonly startup?: string;
  /** Lower case, sorted, without duplicates, as Proxmox gives them back. */
  readonly tags: readonly string[];
  readonly description?: string;
  readonly start_on_boot: boolean;
  readonly protection: boolean;
}

/**
 * Resources that the container may use.
 *
 * @category Recipes
 */
export interface Resources {
  readonly cores: number;
  /** In cores; may be fractional. */
  readonly cpulimit?: number;
  /** MiB. */
  readonly memory: number;
  /** MiB. */
  readonly swap: number;
  /** Root file system, GiB. */
  readonly storage: number;
  /** Absent: chosen among the storages that hold containers. */
  readonly storage_pool?: string;
}

/**
 * One network interface.
 *
 * @category Recipes
 */
export interface NetworkInterface {
  /** Absent: `eth0`, `eth1` … in order. */
  readonly name?: string;
  /** Absent: chosen (vmbr0 where there is one). */
  readonly bridge?: string;
  /** `dhcp`, `manual`, or an address with its prefix. */
  readonly ip: string;
  readonly gateway?: string;
  /** `auto`, `dhcp`, `manual`, or an address with its prefix. */
  readonly ip6?: string;
  readonly gateway6?: string;
  /** 1 to 4094. */
  readonly vlan?: number;
  readonly mac?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** MB/s. */
  readonly rate?: number;
  readonly firewall?: boolean;
}

/**
 * Features that the kernel grants the container.
 *
 * @category Recipes
 */
export interface Features {
  readonly nesting: boolean;
  readonly keyctl: boolean;
  readonly fuse: boolean;
  readonly mknod: boolean;
  /** File system types that may be mounted inside. */
  readonly mount: readonly string[];
}

/**
 * A directory of the node, or a volume of its own.
 *
 * @category Recipes
 */
export type MountPoint = BindMount | VolumeMount;

/**
 * A directory of the node, seen in the container.
 *
 * @category Recipes
 */
export interface BindMount {
  readonly host: string;
  readonly container: string;
  readonly read_only: boolean;
}

/**
 * A volume that is allocated for the container.
 *
 * @category Recipes
 */
export interface VolumeMount {
  /** The storage that it is allocated on. */
  readonly volume: string;
  /** GiB. */
  readonly size: number;
  readonly container: string;
  readonly backup: boolean;
  readonly read_only: boolean;
}

/**
 * A device node of the host, passed through.
 *
 * @category Recipes
 */
export interface Device {
  readonly path: string;
  /** Octal: `0660`. */
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** A group inside the container, whose gid is looked up there. */
  readonly group?: string;
  readonly deny_write: boolean;
}

/**
 * Provisioning inside, in this order.
 *
 * @category Recipes
 */
export interface Provisioning {
  readonly locale?: string;
  readonly timezone?: string;
  readonly packages: readonly string[];
  readonly users: readonly User[];
  /** For root: literal keys or paths of local public key files. */
  readonly ssh_keys: readonly Sensitive[];
  readonly files: readonly FileEntry[];
  readonly docker: false | Docker;
  readonly tailscale?: Tailscale;
  readonly scripts: readonly Script[];
}

/**
 * A user to have.
 *
 * @category Recipes
 */
export interface User {
  readonly username: string;
  readonly uid?: number;
  readonly groups: readonly string[];
  readonly shell?: string;
  readonly home?: string;
  readonly ssh_keys: readonly Sensitive[];
}

/**
 * A file to have: exactly one of `content` and `source`.
 *
 * @category Recipes
 */
export interface FileEntry {
  readonly path: string;
  readonly content?: Sensitive;
  /** A local file, relative to the recipe. */
  readonly source?: string;
  /** Octal: `0644`. */
  readonly mode: string;
  /** `user` or `user:group`. */
  readonly owner: string;
}

/**
 * Options for installing Docker.
 *
 * @category Recipes
 */
export interface Docker {
  /** Docker's own packages, or the distribution's. */
  readonly source: "official" | "distro";
  /** Users who may use it without sudo, which makes them as mighty as root. */
  readonly users: readonly string[];
  readonly compose: boolean;
}

/**
 * Options for joining a tailnet.
 *
 * @category Recipes
 */
export interface Tailscale {
  readonly auth_key?: Sensitive;
  readonly hostname?: string;
  readonly accept_routes: boolean;
  readonly advertise_routes: readonly string[];
  readonly shields_up: boolean;
  readonly ephemeral: boolean;
}

/**
 * A script to run: exactly one of `content` and `source`.
 *
 * @category Recipes
 */
export interface Script {
  readonly name: string;
  /**
   * A program inside the container that runs it: `sh`, `bash -e`, `python3`. Absent: the one that
   * the first line of its source names.
   */
  readonly interpreter?: string;
  readonly content?: Sensitive;
  /** A local file, relative to the recipe. */
  readonly source?: string;
  readonly run_as?: string;
  readonly working_dir?: string;
  readonly environment: Readonly<Record<string, Sensitive>>;
  /** Seconds. */
  readonly timeout: number;
  readonly continue_on_error: boolean;
}
