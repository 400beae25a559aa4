import type { Preset, Timings } from "../../sim/mod.ts";

const SYSTEMS = [
  "alpine-3.22-default_20250617_amd64.tar.xz",
  "ubuntu-22.04-standard_22.04-1_amd64.tar.zst",
];
const DEBIAN = "debian-12-standard_12.12-1_amd64.tar.zst";

/** When the recorded session began. */
export const START = 1_795_399_000_000;

/** When the node was booted: the start times in its UPIDs are hundredths of a second since then. */
export const BOOTED = 1_795_395_801_230;

/** The password of op@pve. */
export const PASSWORD = "op-password";

/** What each token's secret is. */
export const SECRET = "00000000-0000-4000-8000-000000000000";

/** How long the recorded node took, in milliseconds. */
export const TIMINGS: Timings = {
  createMs: 2_300,
  startMs: 1_400,
  stopMs: 1_000,
  destroyMs: 300,
  downloadMs: 400,
  otherMs: 300,
  linkMs: 2_000,
  dhcpMs: 3_600,
  dadMs: 1_000,
  dnsMs: 500,
  resourcesEveryMs: 10_000,
  authFailureMs: 3_000,
  lockTimeoutMs: 10_000,
  raceMs: 20,
  ticketMs: 7_200_000,
};

/** The node that was recorded, as it was when the recording began. */
export function recordedNode(): Preset {
  const dir = { shared: false, enabled: true };
  const token = (id: string, privsep: boolean) => ({ id, secret: SECRET, privsep, expire: 0 });
  const acl = (path: string, who: string, role: string) => ({ path, who, role, propagate: true });
  return {
    version: { version: "9.2.11", release: "9.2", repoid: "14a22df35955d97d" },
    nodes: [{
      name: "vm",
      ip: "10.99.0.1",
      cpus: 2,
      memory: 25_276_502_016,
      disk: 270_553_174_016,
      ifaces: [
        { iface: "eth0", type: "eth", cidr: "192.0.2.2/24", gateway: "192.0.2.1" },
        { iface: "vmbr0", type: "bridge", cidr: "10.99.0.1/24", dhcp: [100, 199] },
      ],
      dns: ["10.255.255.53"],
      timezone: "Etc/UTC",
      bootedAt: BOOTED,
      // Between the reads that saw what it had told and those that did not.
      tellsAt: BOOTED - 800,
      pathExists: (path) => ["/srv/pxrun-data", "/dev/net/tun", "/dev/fuse"].includes(path),
    }],
    storages: [
      {
        ...dir,
        id: "local",
        type: "dir",
        content: ["vztmpl", "images", "iso", "backup", "rootdir", "snippets"],
        total: 270_553_174_016,
        used: 29_419_589_632,
        snapshots: false,
        path: "/var/lib/vz",
      },
      {
        ...dir,
        id: "btrfs",
        type: "btrfs",
        content: ["images", "rootdir"],
        total: 8_589_934_592,
        used: 6_062_080,
        snapshots: true,
        path: "/var/lib/pve-btrfs",
      },
    ],
    volumes: [{
      volid: `local:vztmpl/${DEBIAN}`,
      storage: "local",
      node: "vm",
      content: "vztmpl",
      format: "tzst",
      size: 71_804_257,
      used: 71_804_257,
      ctime: 1_795_397_387,
    }],
    appliances: [DEBIAN, ...SYSTEMS].map((template) => ({
      template,
      package: template.split("_")[0] ?? template,
      version: template.split("_")[1] ?? "1",
      os: template.split("-")[0] ?? "linux",
      section: "system",
      headline: template,
      // What the node could not reach is nothing to download.
      size: template === DEBIAN ? 71_804_257 : 0,
      architecture: "amd64",
    })),
    pools: [{ id: "ci", comment: "rig pool", storages: new Set() }],
    users: ["root@pam", "op@pve", "pool@pve", "audit@pve", "none@pve"]
      .map((id) => ({ id, password: PASSWORD, enabled: true, expire: 0 })),
    tokens: [
      token("root@pam!pxrun", false),
      token("root@pam!sep", true),
      token("op@pve!sep", true),
      ...["op", "pool", "audit", "none"].map((user) => token(`${user}@pve!ci`, false)),
    ],
    acls: [
      acl("/", "op@pve", "PVEVMAdmin"),
      acl("/pool/ci", "pool@pve", "PVEVMAdmin"),
      ...["op@pve", "pool@pve"].flatMap((user) => [
        acl("/storage/local", user, "PVEDatastoreUser"),
        acl("/sdn/zones/localnetwork", user, "PVESDNUser"),
      ]),
      acl("/", "audit@pve", "PVEAuditor"),
    ],
  };
}
