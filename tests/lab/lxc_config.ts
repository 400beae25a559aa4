import { mountsOf } from "../../sim/cluster/state/ct/ct.ts";
import { netsOf } from "../../sim/cluster/state/ct/network.ts";
import { DEVICE, FEATURES, parseProperty } from "../../sim/cluster/state/property.ts";

/** A container's configuration, as Proxmox keeps it. */
export type CtConfig = Readonly<Record<string, string>>;

/** First id of this machine that stands for one of the container's. */
export const SHIFT = 100_000;

/** A device that is passed through. */
export interface Device {
  /** `dev0`. */
  readonly key: string;
  readonly path: string;
  /** Octal. */
  readonly mode: string;
  /** Owner and group as this machine counts. */
  readonly owner: string;
}

/** The devices of a configuration. */
export function devicesOf(config: CtConfig): Device[] {
  return Object.keys(config).filter((key) => /^dev\d+$/.test(key)).sort().map((key) => {
    const { path = "", mode = "0660", uid = "0", gid = "0" } = parseProperty(
      config[key] ?? "",
      DEVICE,
    );
    return { key, path, mode, owner: `${Number(uid) + SHIFT}:${Number(gid) + SHIFT}` };
  });
}

/** A mount point, with where its files come from on the node. */
export interface MountPoint {
  /** `mp0`. */
  readonly key: string;
  /** The path inside. */
  readonly target: string;
  /** The path on the node. */
  readonly source: string;
  /** Size of a volume that the lab makes, such as `8G`; absent for a bind mount. */
  readonly size?: string;
  readonly readOnly: boolean;
}

/** The mount points of a configuration, without the root file system. */
export function mountPointsOf(vmid: number, config: CtConfig): MountPoint[] {
  return mountsOf(config).filter(([key]) => key !== "rootfs").map(([key, mount]) => {
    const { volume = "", size, mp: target = "", ro } = mount;
    const place = volume.startsWith("/")
      ? { source: volume }
      : { source: `${homeOf(vmid)}/${key}`, size: size ?? "1G" };
    return { key, target, readOnly: ro === "1", ...place };
  });
}

/** The directory of a container on the node. */
export function homeOf(vmid: number): string {
  return `/var/lib/lxc/${vmid}`;
}

/** Where the root file system is on the node; at `rootfs` it only is while `pct mount` shows it. */
export function rootOf(vmid: number): string {
  return `${homeOf(vmid)}/root`;
}

/** Where the device nodes lie that a container is given. */
export function deviceDirectory(vmid: number): string {
  return `/run/devices/${vmid}`;
}

/**
 * What every unprivileged container has: nothing is included of this machine's own configuration,
 * whose hooks may need what no lab has. A user namespace has no say about devices, and may keep all
 * capabilities but those that are of no use inside: without them, systemd does not try what needs them.
 */
const COMMON = [
  "lxc.tty.dir =",
  "lxc.tty.max = 4",
  "lxc.pty.max = 1024",
  "lxc.cap.drop = sys_module sys_rawio",
  "lxc.apparmor.profile = unconfined",
  "lxc.mount.auto = cgroup:rw:force proc:rw sys:mixed",
  "lxc.mount.entry = /sys/fs/fuse/connections sys/fs/fuse/connections none bind,optional 0 0",
];

/** Uncovered proc and sys: without them a container inside cannot mount its own. */
const NESTING = [
  "lxc.mount.entry = proc dev/.lxc/proc proc create=dir,optional 0 0",
  "lxc.mount.entry = sys dev/.lxc/sys sysfs create=dir,optional 0 0",
];

/** The configuration by which LXC runs a container, as Proxmox writes it at every start. */
export function lxcConfig(vmid: number, config: CtConfig): string {
  const features = parseProperty(config["features"] ?? "", FEATURES);
  const home = homeOf(vmid);
  const lines = [
    `lxc.arch = ${config["arch"] ?? "amd64"}`,
    `lxc.uts.name = ${config["hostname"] ?? `CT${vmid}`}`,
    `lxc.rootfs.path = dir:${rootOf(vmid)}`,
    ...COMMON,
    `lxc.idmap = u 0 ${SHIFT} 65536`,
    `lxc.idmap = g 0 ${SHIFT} 65536`,
    ...(features["nesting"] === "1" ? NESTING : []),
    `lxc.seccomp.profile = ${home}/seccomp`,
    ...netsOf(config).flatMap((net, index) => [
      `lxc.net.${index}.type = veth`,
      `lxc.net.${index}.veth.pair = veth${vmid}i${index}`,
      `lxc.net.${index}.link = ${net["bridge"]}`,
      `lxc.net.${index}.name = ${net["name"] ?? `eth${index}`}`,
      ...(net["hwaddr"] === undefined ? [] : [`lxc.net.${index}.hwaddr = ${net["hwaddr"]}`]),
      ...(net["mtu"] === undefined ? [] : [`lxc.net.${index}.mtu = ${net["mtu"]}`]),
      ...(net["link_down"] === "1" ? [] : [`lxc.net.${index}.flags = up`]),
    ]),
    ...mountPointsOf(vmid, config).map(({ source, target, readOnly }) =>
      mountEntry(source, target, `${readOnly ? "ro," : ""}create=dir`)
    ),
    ...devicesOf(config).map(({ key, path }) =>
      mountEntry(`${deviceDirectory(vmid)}/${key}`, path, "create=file")
    ),
    ...(features["fuse"] === "1" ? [mountEntry("/dev/fuse", "/dev/fuse", "create=file")] : []),
  ];
  return lines.join("\n") + "\n";
}

function mountEntry(source: string, target: string, options: string): string {
  const word = (path: string) => path.replaceAll("\\", "\\134").replaceAll(" ", "\\040");
  return `lxc.mount.entry = ${word(source)} ${
    word(target.replace(/^\/+/, ""))
  } none bind,${options} 0 0`;
}

/** System calls that no container may make. */
const SECCOMP = `2
denylist
reject_force_umount
[all]
kexec_load errno 1
open_by_handle_at errno 1
init_module errno 1
finit_module errno 1
delete_module errno 1
`;

/** The system calls that are refused: those of features that are off, too. */
export function seccompRules(config: CtConfig): string {
  const { keyctl } = parseProperty(config["features"] ?? "", FEATURES);
  return `${SECCOMP}${keyctl !== "1" ? "keyctl errno 38\n" : ""}`;
}

/** `/etc/network/interfaces` inside. */
export function interfacesFile(config: CtConfig): string {
  const nets = netsOf(config).map((net, index) => {
    const name = net["name"] ?? `eth${index}`;
    return [
      "",
      `auto ${name}`,
      ...stanza(name, "inet", net["ip"], net["gw"]),
      ...stanza(name, "inet6", net["ip6"], net["gw6"]),
      "",
    ].join("\n");
  });
  return ["auto lo\niface lo inet loopback\n", ...nets].join("");
}

function stanza(name: string, family: string, ip: string | undefined, gateway?: string): string[] {
  if (ip === undefined || ip === "manual") {
    return family === "inet" ? [`iface ${name} inet manual`] : [];
  }
  if (!ip.includes("/")) return [`iface ${name} ${family} ${ip}`];
  return [
    `iface ${name} ${family} static`,
    `\taddress ${ip}`,
    ...(gateway === undefined ? [] : [`\tgateway ${gateway}`]),
  ];
}

/** The files that Proxmox writes into a container at every start. */
export function startFiles(vmid: number, config: CtConfig, dns: string): Record<string, string> {
  const name = config["hostname"] ?? `CT${vmid}`;
  const servers = (config["nameserver"] ?? dns).split(/[\s,;]+/);
  const search = config["searchdomain"];
  return {
    "/etc/hostname": `${name}\n`,
    "/etc/hosts": `127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t${name}\n`,
    "/etc/network/interfaces": interfacesFile(config),
    "/etc/resolv.conf": [...(search === undefined ? [] : [`search ${search}`])]
      .concat(servers.map((server) => `nameserver ${server}`), "").join("\n"),
  };
}
