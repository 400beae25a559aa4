import type { Appliance, SimNode, Storage, Token, User, Volume } from "./cluster/state/cluster.ts";
import type { Preset } from "./cluster/state/make.ts";
import { archiveFormat } from "./cluster/state/template.ts";

const GIB = 1024 ** 3;

/** Privileges of pxrun's own role: all it needs, and no more. */
export const PXRUN_ROLE: readonly string[] =
  ("VM.Allocate VM.Audit VM.PowerMgmt VM.Config.CPU VM.Config.Memory VM.Config.Disk " +
    "VM.Config.Network VM.Config.Options VM.Snapshot VM.Snapshot.Rollback VM.Clone " +
    "Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit SDN.Use Pool.Audit " +
    "Sys.Audit").split(" ");

/** Template, operating system, headline and size in MiB of each line of the index. */
const INDEX: readonly (readonly [string, string, string, number])[] = [
  ["alpine-3.21-default_20241217_amd64.tar.xz", "alpine", "LXC default image for alpine 3.21", 3],
  ["alpine-3.22-default_20250617_amd64.tar.xz", "alpine", "LXC default image for alpine 3.22", 3],
  ["debian-12-standard_12.7-1_amd64.tar.zst", "debian-12", "Debian 12 Bookworm (standard)", 67],
  ["debian-12-standard_12.12-1_amd64.tar.zst", "debian-12", "Debian 12 Bookworm (standard)", 68],
  ["debian-13-standard_13.1-2_amd64.tar.zst", "debian-13", "Debian 13 Trixie (standard)", 94],
  ["ubuntu-22.04-standard_22.04-1_amd64.tar.zst", "ubuntu-22.04", "Ubuntu 22.04 (standard)", 118],
  ["ubuntu-24.04-standard_24.04-2_amd64.tar.zst", "ubuntu-24.04", "Ubuntu 24.04 (standard)", 132],
];

/** The template index of the demo. */
export const APPLIANCES: readonly Appliance[] = INDEX.map(([template, os, headline, mib]) => {
  const [, name = template, version = "1"] = /^(.+)_([^_]+)_[^_]+$/.exec(template) ?? [];
  const size = mib * 1024 ** 2;
  return {
    template,
    package: name,
    version,
    os,
    section: "system",
    headline,
    size,
    architecture: "amd64",
  };
});

const ON_NODES: Readonly<Record<string, readonly RegExp[]>> = {
  pve01: [/^debian-12-standard_12\.12/, /^debian-13/, /^alpine-3\.22/],
  pve02: [/^debian-13/, /^ubuntu-24/],
};

/** A cluster of two nodes, empty but for a few templates. */
export function demoPreset(): Preset {
  return {
    name: "demo",
    nodes: [simNode("pve01", 11, 8, 32), simNode("pve02", 12, 4, 16)],
    storages: STORAGES,
    volumes: Object.entries(ON_NODES).flatMap(([node, templates]) =>
      APPLIANCES.filter(({ template }) => templates.some((name) => name.test(template)))
        .map((appliance) => archive(node, appliance))
    ),
    appliances: APPLIANCES,
    pools: [{ id: "dev", comment: "Development", storages: new Set() }],
    users: ["root@pam", "pxrun@pve", "pool@pve", "audit@pve", "none@pve"].map(user),
    tokens: [
      token("root@pam!pxrun", false),
      token("root@pam!separated", true),
      token("pxrun@pve!laptop", true),
      token("pool@pve!ci", false),
      token("audit@pve!ci", false),
      token("none@pve!ci", false),
    ],
    roles: { PxrunUser: PXRUN_ROLE },
    acls: [
      acl("/", "pxrun@pve", "PxrunUser"),
      acl("/", "pxrun@pve!laptop", "PxrunUser"),
      acl("/pool/dev", "pool@pve", "PxrunUser"),
      acl("/storage/local", "pool@pve", "PVEDatastoreUser"),
      acl("/storage/local-lvm", "pool@pve", "PVEDatastoreUser"),
      acl("/sdn/zones/localnetwork", "pool@pve", "PVESDNUser"),
      acl("/", "audit@pve", "PVEAuditor"),
    ],
  };
}

function simNode(name: string, host: number, cpus: number, gib: number): SimNode {
  const devices = ["/dev/fuse", "/dev/net/tun", "/dev/dri/card0", "/dev/dri/renderD128"];
  const directories = ["/", "/srv", "/mnt", "/root", "/tmp"];
  return {
    name,
    ip: `10.77.0.${host}`,
    cpus,
    memory: gib * GIB,
    disk: 100 * GIB,
    ifaces: [
      { iface: "eno1", type: "eth" },
      {
        iface: "vmbr0",
        type: "bridge",
        cidr: `10.77.0.${host}/24`,
        gateway: "10.77.0.1",
        ports: "eno1",
        dhcp: [100, 199],
      },
      { iface: "vmbr1", type: "bridge" },
    ],
    dns: ["10.77.0.1"],
    timezone: "Etc/UTC",
    bootedAt: Date.now() - 86_400_000,
    pathExists: (path) => devices.includes(path) || directories.includes(path),
  };
}

const STORAGES: readonly Storage[] = [
  {
    id: "local",
    type: "dir",
    content: ["vztmpl", "iso", "backup", "snippets"],
    shared: false,
    total: 94 * GIB,
    used: 9 * GIB,
    enabled: true,
    snapshots: false,
    path: "/var/lib/vz",
  },
  {
    id: "local-lvm",
    type: "lvmthin",
    content: ["rootdir", "images"],
    shared: false,
    total: 340 * GIB,
    used: 60 * GIB,
    enabled: true,
    snapshots: true,
  },
  {
    id: "tank",
    type: "zfspool",
    content: ["rootdir", "images"],
    nodes: ["pve02"],
    shared: false,
    total: 900 * GIB,
    used: 100 * GIB,
    enabled: true,
    snapshots: true,
  },
];

function archive(node: string, { template, size }: Appliance): Volume {
  return {
    volid: `local:vztmpl/${template}`,
    storage: "local",
    node,
    content: "vztmpl",
    format: archiveFormat(template),
    size,
    used: size,
    ctime: 1_750_000_000,
  };
}

function user(id: string): User {
  return { id, password: crypto.randomUUID(), enabled: true, expire: 0 };
}

function token(id: string, privsep: boolean): Token {
  return { id, secret: crypto.randomUUID(), privsep, expire: 0 };
}

function acl(path: string, who: string, role: string): Preset["acls"][number] {
  return { path, who, role, propagate: true };
}
