import { poll } from "../../lib/core/poll.ts";
import { systemClock } from "../../lib/host/clock.ts";
import type { Guest, GuestIo, GuestLink, MakeGuest } from "../../sim/mod.ts";
import {
  type CtConfig,
  deviceDirectory,
  devicesOf,
  homeOf,
  lxcConfig,
  mountPointsOf,
  rootOf,
  seccompRules,
  SHIFT,
  startFiles,
} from "./lxc_config.ts";
import { MOUNT, parseProperty } from "../../sim/cluster/state/property.ts";
import type { LabNode } from "./node.ts";
import type { Template } from "./templates.ts";

/** What asks a container that is just restarting may wait for its answer for ever. */
export const BRIEFLY = ["timeout", "5"] as const;

const bridgeAddress = "10.99.0.1";

/** What the cluster file system shows of a container that was started. */
const confOf = (vmid: number): string => `/etc/pve/lxc/${vmid}.conf`;

/** Makes containers that LXC runs on a node. */
export function lxcGuests(node: LabNode, templates: readonly Template[]): MakeGuest {
  return async (template, around) => {
    const { vmid } = around;
    const archive = templates.find(({ name }) => name === template);
    if (archive === undefined) throw new Error(`the lab has no template ${template}`);
    const config = (): CtConfig => around.config?.() ?? {};
    const container = new Container(node, vmid, config, () => around.halted?.());
    try {
      await node.sh(MOUNT_VOLUME, [rootOf(vmid), "1G", `${SHIFT}`]);
      const tar = ["tar", "xpf", `/var/lib/vz/template/cache/${archive.path}`, "--zstd"]
        .concat("--numeric-owner", "--exclude=./dev/*", "-C", rootOf(vmid));
      await node.sh('"$@"', asRootInside(tar));
    } catch (error) {
      await container.remove();
      throw error;
    }
    return container;
  };
}

/** Runs with the ids of an unprivileged container, so that nothing it makes is root's. */
function asRootInside(argv: readonly string[]): string[] {
  const map = `0:${SHIFT}:65536`;
  return ["lxc-usernsexec", "-m", `u:${map}`, "-m", `g:${map}`, "--", ...argv];
}

/** One container, as its front drives it. */
class Container implements Guest {
  readonly argvs: string[][] = [];
  readonly #node: LabNode;
  readonly #vmid: number;
  readonly #config: () => CtConfig;
  readonly #halted: () => void;
  /** Resolves when what runs now has ended; undefined when nothing runs. */
  #ended: Promise<void> | undefined;
  #stopping = false;

  constructor(node: LabNode, vmid: number, config: () => CtConfig, halted: () => void) {
    this.#node = node;
    this.#vmid = vmid;
    this.#config = config;
    this.#halted = halted;
  }

  async exec(argv: readonly string[], io: GuestIo): Promise<number> {
    this.argvs.push([...argv]);
    const attach = ["lxc-attach", "-n", `${this.#vmid}`, "--clear-env"];
    const variables = Object.entries(io.env ?? {}).flatMap((
      [name, value],
    ) => ["-v", `${name}=${value}`]);
    const child = this.#node.spawn([...attach, ...variables, "--", ...argv], {
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    const show = (to: GuestIo["stdout"]) =>
      new WritableStream<Uint8Array>({ write: (chunk) => to(chunk) });
    const over = new AbortController();
    const { signal } = over;
    const [{ code }] = await Promise.all([
      // Nobody reads its input any more then.
      child.status.finally(() => over.abort()),
      ReadableStream.from(io.stdin).pipeTo(child.stdin, { signal }).catch(() => {}),
      child.stdout.pipeTo(show((chunk) => io.stdout(chunk))),
      child.stderr.pipeTo(show((chunk) => io.stderr(chunk))),
    ]);
    io.closed?.();
    return code;
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const { code, stdout } = await this.#inRoot(["cat", path]);
    return code === 0 ? stdout : undefined;
  }

  async write(path: string, data: Uint8Array, mode = 0o644): Promise<void> {
    const script = 'mkdir -p "${1%/*}" && rm -f "$1" && cat >"$1" && chmod "$2" "$1"';
    const { code, stderr } = await this.#inRoot(
      ["sh", "-c", script, "sh", path, mode.toString(8)],
      data,
    );
    if (code !== 0) throw new Error(`${path} cannot be written: ${stderr.trim()}`);
  }

  /** Runs a program in its file system, whether it is started or not. */
  #inRoot(argv: readonly string[], stdin: string | Uint8Array = "") {
    const change = ["chroot", rootOf(this.#vmid), ...argv];
    return this.#node.exec(asRootInside(change), stdin);
  }

  async start(): Promise<void> {
    const vmid = `${this.#vmid}`;
    const log = `/run/lxc-${vmid}.log`;
    await this.#prepare();
    this.#stopping = false;
    const child = this.#node.spawn(["lxc-start", "-F", "-n", vmid, "-l", "WARN", "-o", log], {
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    let over = false;
    this.#ended = child.status.then(() => {
      over = true;
      if (!this.#stopping) this.#halted();
    });
    const state = [...BRIEFLY, "lxc-info", "-n", vmid, "-sH"];
    await poll(async () => {
      if (over) throw new Error(await this.#complaints(log));
      return new TextDecoder().decode((await this.#node.exec(state)).stdout) === "RUNNING\n" ||
        undefined;
    }, { clock: systemClock, what: `container ${vmid}`, timeout: 120_000, first: 10, longest: 50 });
  }

  async #complaints(log: string): Promise<string> {
    await this.#unmount();
    const errors = await this.#node.sh(`sed -n 's/.* ERROR *//p' "$1"`, [log]);
    return errors.trim() || "lxc-start ended at once";
  }

  /** What Proxmox does before every start: configuration, files inside, devices and volumes. */
  async #prepare(): Promise<void> {
    const node = this.#node;
    const vmid = this.#vmid;
    const config = this.#config();
    if (config["unprivileged"] !== "1") throw new Error("a lab runs unprivileged containers only");
    const save = 'cat >"$1"';
    const lines = Object.entries(config).map(([key, value]) => `${key}: ${value}\n`);
    await node.sh(save, [confOf(vmid)], lines.join(""));
    await node.sh(save, [`${homeOf(vmid)}/config`], lxcConfig(vmid, config));
    await node.sh(save, [`${homeOf(vmid)}/seccomp`], seccompRules(config));
    const encoder = new TextEncoder();
    for (const [path, text] of Object.entries(startFiles(vmid, config, bridgeAddress))) {
      await this.write(path, encoder.encode(text));
    }
    const root = parseProperty(config["rootfs"] ?? "", MOUNT)["size"];
    if (root !== undefined) await node.sh(GROW_VOLUME, [rootOf(vmid), root]);
    for (const { key, path, mode, owner } of devicesOf(config)) {
      await node.sh(MAKE_DEVICE, [deviceDirectory(vmid), key, path, mode, owner]);
    }
    for (const { source, size } of mountPointsOf(vmid, config)) {
      if (size !== undefined) await node.sh(MOUNT_VOLUME, [source, size, `${SHIFT}`]);
    }
  }

  async stop(): Promise<void> {
    if (this.#ended === undefined) return;
    this.#stopping = true;
    let over = false;
    this.#ended.then(() => over = true);
    await poll(async () => {
      await this.#node.exec([...BRIEFLY, "lxc-stop", "-k", "-n", `${this.#vmid}`]);
      return over || undefined;
    }, {
      clock: systemClock,
      what: `container ${this.#vmid}`,
      timeout: 120_000,
      first: 10,
      longest: 100,
    });
    this.#ended = undefined;
    await this.#unmount();
  }

  /** Takes its volumes off the node; the root file system stays until the container is removed. */
  async #unmount(): Promise<void> {
    const points = mountPointsOf(this.#vmid, this.#config());
    const volumes = points.filter(({ size }) => size !== undefined).map(({ source }) => source);
    await this.#node.sh(UNMOUNT, volumes);
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#unmount();
    const home = homeOf(this.#vmid);
    await this.#node.sh(UNMOUNT, [`${home}/rootfs`, rootOf(this.#vmid)]);
    await this.#node.sh('rm -rf "$@"', [home, deviceDirectory(this.#vmid), confOf(this.#vmid)]);
  }

  async links(): Promise<readonly GuestLink[]> {
    const script = 'exec nsenter --net --target "$("$@" -pH)" ip -json address';
    const ask = [...BRIEFLY, "lxc-info", "-n", `${this.#vmid}`];
    const found: readonly IpLink[] = JSON.parse(await this.#node.sh(script, ask));
    return found.map(({ ifname, address, addr_info }) => ({
      name: ifname,
      hwaddr: address,
      addresses: addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    }));
  }
}

/** What `ip -json address` says. */
interface IpLink {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

const MAKE_DEVICE = `
directory=$1 to=$1/$2 from=$3 mode=$4 owner=$5
if [ -c "$from" ]; then kind=c; elif [ -b "$from" ]; then kind=b; else
  echo "Device $from does not exist" >&2
  exit 1
fi
mkdir -p "$directory"
rm -f "$to"
mknod "$to" "$kind" "0x$(stat -c %t "$from")" "0x$(stat -c %T "$from")"
chown "$owner" "$to"
chmod "$mode" "$to"
`;

const UNMOUNT = 'for place; do ! mountpoint -q "$place" || umount "$place"; done';

/** A volume is an ext4 image that takes what is written to it; it belongs to root inside. */
const MOUNT_VOLUME = `
place=$1 size=$2 owner=$3
mkdir -p "$place"
[ -e "$place.raw" ] || {
  truncate -s "$size" "$place.raw"
  mkfs.ext4 -q -m 0 -E "root_owner=$owner:$owner" "$place.raw"
}
mountpoint -q "$place" || mount -o loop "$place.raw" "$place"
`;

/** While nothing runs; a volume never gets smaller. */
const GROW_VOLUME = `
place=$1 size=$2
old=$(stat -c %s "$place.raw")
truncate -s ">$size" "$place.raw"
[ "$old" != "$(stat -c %s "$place.raw")" ] || exit 0
umount "$place"
resize2fs -f "$place.raw" >/dev/null 2>&1
mount -o loop "$place.raw" "$place"
`;
