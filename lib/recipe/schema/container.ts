import * as v from "../../../deps/valibot.ts";
import { DEFAULTS } from "./defaults.ts";
import { field } from "./fields/field.ts";
import {
  accountName,
  hostname,
  interfaceName,
  isDnsName,
  nodeName,
  poolName,
  snippet,
  startup,
  storageName,
  tag,
  templateName,
} from "./fields/names.ts";
import { familyOf } from "./fields/address.ts";
import { address, interfaceAddress, mac, wordList } from "./fields/network.ts";
import { decimal, flag, size, whole } from "./fields/numbers.ts";
import { devicePath, mode, mountPath } from "./fields/paths.ts";
import { matching, text } from "./fields/texts.ts";
import type { BindMount, Container, MountPoint, VolumeMount } from "./types.ts";

const resources = v.pipe(
  v.strictObject({
    cores: v.optional(
      field("Cores that it may use.", whole({ min: 1, max: 8192 })),
      DEFAULTS.resources.cores,
    ),
    cpulimit: v.exactOptional(
      field("Processor time in cores; 0 is no limit.", decimal({ min: 0, max: 8192 })),
    ),
    memory: v.optional(
      field("Memory in MiB, or with a unit: 2G.", size("MiB", 16)),
      DEFAULTS.resources.memory,
    ),
    swap: v.optional(
      field("Swap in MiB, or with a unit: 1G.", size("MiB", 0)),
      DEFAULTS.resources.swap,
    ),
    storage: v.optional(
      field("Root file system in GiB, or with a unit: 1T.", size("GiB", 1)),
      DEFAULTS.resources.storage,
    ),
    storage_pool: v.exactOptional(
      field(
        "Storage of the root file system. Default: one that holds containers and has room.",
        storageName(),
      ),
    ),
  }),
  v.description("What the container may use."),
);

const networkInterface = v.pipe(
  v.strictObject({
    name: v.exactOptional(
      field("Its name in the container. Default: eth0, eth1 … in order.", interfaceName()),
    ),
    bridge: v.exactOptional(
      field("Bridge of the node. Default: vmbr0 where there is one.", interfaceName()),
    ),
    ip: v.optional(
      field(
        "IPv4: dhcp, manual, or an address with its prefix.",
        interfaceAddress(4, ["dhcp", "manual"]),
      ),
      DEFAULTS.network.ip,
    ),
    gateway: v.exactOptional(field("IPv4 gateway; only with an address in ip.", address(4))),
    ip6: v.exactOptional(
      field(
        "IPv6: auto, dhcp, manual, or an address with its prefix.",
        interfaceAddress(6, ["auto", "dhcp", "manual"]),
      ),
    ),
    gateway6: v.exactOptional(field("IPv6 gateway; only with an address in ip6.", address(6))),
    vlan: v.exactOptional(field("VLAN tag.", whole({ min: 1, max: 4094 }))),
    mac: v.exactOptional(field("Hardware address. Default: made by Proxmox.", mac())),
    mtu: v.exactOptional(field("Largest packet in bytes.", whole({ min: 64, max: 65535 }))),
    rate: v.exactOptional(
      field("Speed limit in MB/s.", decimal({ min: 0.001, max: 1_000_000 })),
    ),
    firewall: v.exactOptional(field("Whether Proxmox's firewall rules apply.", flag())),
  }),
  v.description("One network interface."),
);

const features = v.pipe(
  v.strictObject({
    nesting: v.exactOptional(
      field(
        "Lets the container make namespaces of its own; systemd and Docker need it. Default: the same as unprivileged.",
        flag(),
      ),
    ),
    keyctl: v.optional(
      field("Allows the keyctl() system call, as Docker wants.", flag()),
      DEFAULTS.features.keyctl,
    ),
    fuse: v.optional(field("Allows FUSE file systems.", flag()), DEFAULTS.features.fuse),
    mknod: v.optional(
      field("Allows mknod() for some devices; experimental.", flag()),
      DEFAULTS.features.mknod,
    ),
    mount: v.optional(
      v.pipe(
        v.array(
          field("A file system type.", matching("^[A-Za-z0-9_]+$", "a file system such as nfs")),
        ),
        v.description("File system types that may be mounted inside, such as nfs and cifs."),
      ),
      [...DEFAULTS.features.mount],
    ),
  }),
  v.description("What the kernel lets the container do."),
);

const mountPoint = v.pipe(
  v.strictObject({
    host: v.exactOptional(
      field("Directory of the node that appears in the container (a bind mount).", mountPath()),
    ),
    volume: v.exactOptional(
      field("Storage on which a volume of its own is allocated.", storageName()),
    ),
    size: v.exactOptional(field("Size of the volume in GiB, or with a unit.", size("GiB", 1))),
    container: field("Where it appears in the container.", mountPath()),
    read_only: v.optional(
      field("Whether nothing can be written to it.", flag()),
      DEFAULTS.mount_point.read_only,
    ),
    backup: v.exactOptional(
      field("Whether backups hold the volume. Default: true.", flag()),
    ),
  }),
  v.metadata({
    description: "A directory of the node (host), or a volume of its own (volume and size).",
    oneOf: [{ required: ["host"] }, { required: ["volume", "size"] }],
  }),
  v.transform((mount): MountPoint => {
    const {
      host,
      volume = "",
      size = 0,
      backup = DEFAULTS.mount_point.backup,
      container,
      read_only,
    } = mount;
    return host === undefined
      ? { volume, size, container, backup, read_only } satisfies VolumeMount
      : { host, container, read_only } satisfies BindMount;
  }),
);

const device = v.pipe(
  v.strictObject({
    path: field("Device node of the host, below /dev.", devicePath()),
    mode: v.exactOptional(field('Permissions, octal. Default: "0660".', mode(false))),
    uid: v.exactOptional(field("Owner in the container.", whole({ min: 0, max: 4294967294 }))),
    gid: v.exactOptional(
      field("Group in the container, by number.", whole({ min: 0, max: 4294967294 })),
    ),
    group: v.exactOptional(
      field("Group in the container, by name: its gid is looked up there.", accountName()),
    ),
    deny_write: v.optional(
      field("Whether the container may only read it.", flag()),
      DEFAULTS.device.deny_write,
    ),
  }),
  v.description("A device of the host, passed through."),
);

/** Everything under `container`, in its nested form. */
export const containerSchema = v.pipe(
  v.strictObject({
    hostname: field("Name of the container.", hostname()),
    template: field(
      "What it is made from: an alias (debian-13), a file name, or a volid.",
      templateName(),
    ),
    node: v.exactOptional(field("Node to create it on. Default: the freest.", nodeName())),
    vmid: v.exactOptional(
      field("Its id. Default: the next free one.", whole({ min: 100, max: 999_999_999 })),
    ),
    pool: v.exactOptional(field("Resource pool to put it in.", poolName())),
    unprivileged: v.optional(
      field("Whether root in the container is nobody on the node.", flag()),
      DEFAULTS.container.unprivileged,
    ),
    resources: v.optional(resources, {}),
    network: v.optional(
      v.pipe(
        v.array(networkInterface),
        v.description("net0, net1 … in order. One interface may stand without the list."),
      ),
      [{}],
    ),
    nameserver: v.exactOptional(
      field(
        "DNS servers, separated by spaces. Default: those of the node.",
        wordList(
          (word) => familyOf(word.replace(/%[\w.-]+$/, "")) !== undefined,
          "must be addresses of DNS servers, separated by spaces",
        ),
      ),
    ),
    searchdomain: v.exactOptional(
      field(
        "DNS search domains, separated by spaces. Default: those of the node.",
        wordList(isDnsName, "must be domain names, separated by spaces"),
      ),
    ),
    features: v.optional(features, {}),
    mount_points: v.optional(
      v.pipe(v.array(mountPoint), v.description("mp0, mp1 … in order.")),
      [...DEFAULTS.container.mount_points],
    ),
    devices: v.optional(v.pipe(v.array(device), v.description("dev0, dev1 … in order.")), [
      ...DEFAULTS.container.devices,
    ]),
    hookscript: v.exactOptional(
      field("Snippet that the node runs when the container starts and stops.", snippet()),
    ),
    startup: v.exactOptional(
      field("Order of start, and delays in seconds: order=1,up=10,down=5.", startup()),
    ),
    tags: v.optional(
      v.pipe(
        v.array(field("A tag.", tag())),
        v.description(
          "Tags, sorted, without duplicates; Proxmox makes them lower case unless its tag style " +
            "is case-sensitive.",
        ),
        v.transform((tags) => [...new Set(tags)].sort()),
      ),
      [...DEFAULTS.container.tags],
    ),
    description: v.exactOptional(
      field("Notes, shown in Proxmox's summary.", text({ max: 8192, lines: true })),
    ),
    start_on_boot: v.optional(
      field("Whether it starts with the node.", flag()),
      DEFAULTS.container.start_on_boot,
    ),
    protection: v.optional(
      field("Whether Proxmox refuses to destroy it or its disks.", flag()),
      DEFAULTS.container.protection,
    ),
  }),
  v.description("The container itself."),
  v.transform((container): Container => ({
    ...container,
    // systemd needs nesting; on a privileged container it opens the node's /proc and /sys.
    features: { nesting: container.unprivileged, ...container.features },
  })),
);
