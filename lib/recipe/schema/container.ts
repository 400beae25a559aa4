import * as v from "../../../deps/valibot.ts";
import { DEFAULTS } from "./defaults.ts";
import { field, list, optional, withDefault } from "./fields/field.ts";
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
    cores: withDefault(
      DEFAULTS.resources.cores,
      "Cores that it may use.",
      whole({ min: 1, max: 8192 }),
    ),
    cpulimit: optional("Processor time in cores; 0 is no limit.", decimal({ min: 0, max: 8192 })),
    memory: withDefault(
      DEFAULTS.resources.memory,
      "Memory in MiB, or with a unit: 2G.",
      size("MiB", 16),
    ),
    swap: withDefault(DEFAULTS.resources.swap, "Swap in MiB, or with a unit: 1G.", size("MiB", 0)),
    storage: withDefault(
      DEFAULTS.resources.storage,
      "Root file system in GiB, or with a unit: 1T.",
      size("GiB", 1),
    ),
    storage_pool: optional(
      "Storage of the root file system (default: one that holds containers and has room).",
      storageName(),
    ),
  }),
  v.description("Resources of the container."),
);

const networkInterface = v.pipe(
  v.strictObject({
    name: optional("Name in the container (default: eth0, eth1 … in order).", interfaceName()),
    bridge: optional("Bridge of the node (default: vmbr0 where there is one).", interfaceName()),
    ip: withDefault(
      DEFAULTS.network.ip,
      "IPv4: dhcp, manual, or an address with its prefix.",
      interfaceAddress(4, ["dhcp", "manual"]),
    ),
    gateway: optional("IPv4 gateway; only with an address in ip.", address(4)),
    ip6: optional(
      "IPv6: auto, dhcp, manual, or an address with its prefix.",
      interfaceAddress(6, ["auto", "dhcp", "manual"]),
    ),
    gateway6: optional("IPv6 gateway; only with an address in ip6.", address(6)),
    vlan: optional("VLAN tag.", whole({ min: 1, max: 4094 })),
    mac: optional("Hardware address (default: made by Proxmox).", mac()),
    mtu: optional("Largest packet in bytes.", whole({ min: 64, max: 65535 })),
    rate: optional("Speed limit in MB/s.", decimal({ min: 0.001, max: 1_000_000 })),
    firewall: optional("Apply Proxmox's firewall rules.", flag()),
  }),
  v.description("One network interface."),
);

const features = v.pipe(
  v.strictObject({
    nesting: optional(
      "Lets the container make namespaces of its own; systemd and Docker need it (default: the same as unprivileged).",
      flag(),
    ),
    keyctl: withDefault(
      DEFAULTS.features.keyctl,
      "Allows the keyctl() system call, as Docker wants.",
      flag(),
    ),
    fuse: withDefault(DEFAULTS.features.fuse, "Allows FUSE file systems.", flag()),
    mknod: withDefault(
      DEFAULTS.features.mknod,
      "Allows mknod() for some devices; experimental.",
      flag(),
    ),
    mount: list(
      DEFAULTS.features.mount,
      "File system types that may be mounted inside, such as nfs and cifs.",
      field("A file system type.", matching("^[A-Za-z0-9_]+$", "a file system such as nfs")),
    ),
  }),
  v.description("Kernel features that the container may use."),
);

const mountPoint = v.pipe(
  v.strictObject({
    host: optional(
      "Directory of the node that appears in the container (a bind mount).",
      mountPath(),
    ),
    volume: optional("Storage on which a volume of its own is allocated.", storageName()),
    size: optional("Size of the volume in GiB, or with a unit.", size("GiB", 1)),
    container: field("Path in the container.", mountPath()),
    read_only: withDefault(
      DEFAULTS.mount_point.read_only,
      "Mount it read-only.",
      flag(),
    ),
    backup: optional("Include the volume in backups (default: true).", flag()),
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
    mode: optional('Permissions, octal (default: "0660").', mode(false)),
    uid: optional("Owner in the container.", whole({ min: 0, max: 4294967294 })),
    gid: optional("Group in the container, by number.", whole({ min: 0, max: 4294967294 })),
    group: optional("Group in the container, by name: its gid is looked up there.", accountName()),
    deny_write: withDefault(
      DEFAULTS.device.deny_write,
      "Let the container only read it.",
      flag(),
    ),
  }),
  v.description("A device of the host, passed through."),
);

/** Everything under `container`, in its nested form. */
export const containerSchema = v.pipe(
  v.strictObject({
    hostname: field("Name of the container.", hostname()),
    template: field(
      "Template: an alias (debian-13), a file name, or a volume ID.",
      templateName(),
    ),
    node: optional("Node to create it on (default: most free memory).", nodeName()),
    vmid: optional("VMID (default: next free).", whole({ min: 100, max: 999_999_999 })),
    pool: optional("Resource pool to put it in.", poolName()),
    unprivileged: withDefault(
      DEFAULTS.container.unprivileged,
      "Map root of the container to an unprivileged user of the node.",
      flag(),
    ),
    resources: v.optional(resources, {}),
    network: v.optional(
      v.pipe(
        v.array(networkInterface),
        v.description("net0, net1 … in order. One interface may stand without the list."),
      ),
      [{}],
    ),
    nameserver: optional(
      "DNS servers, separated by spaces (default: those of the node).",
      wordList(
        (word) => familyOf(word.replace(/%[\w.-]+$/, "")) !== undefined,
        "must be addresses of DNS servers, separated by spaces",
      ),
    ),
    searchdomain: optional(
      "DNS search domains, separated by spaces (default: those of the node).",
      wordList(isDnsName, "must be domain names, separated by spaces"),
    ),
    features: v.optional(features, {}),
    mount_points: list(DEFAULTS.container.mount_points, "mp0, mp1 … in order.", mountPoint),
    devices: v.optional(v.pipe(v.array(device), v.description("dev0, dev1 … in order.")), [
      ...DEFAULTS.container.devices,
    ]),
    hookscript: optional(
      "Snippet that the node runs when the container starts and stops.",
      snippet(),
    ),
    startup: optional("Order of start, and delays in seconds: order=1,up=10,down=5.", startup()),
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
    description: optional("Notes, shown in Proxmox's summary.", text({ max: 8192, lines: true })),
    start_on_boot: withDefault(
      DEFAULTS.container.start_on_boot,
      "Start it with the node.",
      flag(),
    ),
    protection: withDefault(
      DEFAULTS.container.protection,
      "Make Proxmox refuse to destroy it or its disks.",
      flag(),
    ),
  }),
  v.description("The container itself."),
  v.transform((container): Container => ({
    ...container,
    // systemd needs nesting; on a privileged container it opens the node's /proc and /sys.
    features: { nesting: container.unprivileged, ...container.features },
  })),
);
