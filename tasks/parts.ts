/** A real part that some system tests need. */
export interface Part {
  /** The folder below tests/system, and the word in PXRUN_REQUIRE. */
  readonly name: string;
  /** Why it cannot be used here. */
  readonly why: string;
}

interface Requirement {
  readonly name: string;
  /** Programs that must be found, each with the Debian package that brings it. */
  readonly programs: Readonly<Record<string, string>>;
  /** A script that fails, and says why, where the kernel does not do what it takes. */
  readonly trial?: string;
}

/** What the lab takes. */
const lab = {
  sshd: "openssh-server",
  "ssh-keygen": "openssh-client",
  "lxc-start": "lxc",
  debootstrap: "debootstrap",
  busybox: "busybox-static",
  dnsmasq: "dnsmasq-base",
  ip: "iproute2",
  "mkfs.ext4": "e2fsprogs",
  nft: "nftables",
  slirp4netns: "slirp4netns",
  unshare: "util-linux",
  zstd: "zstd",
};
const labTrial = `
for device in /dev/net/tun /dev/loop-control /dev/fuse; do
  [ -c $device ] || { echo "no $device"; exit 1; }
done
grep -q ' cgroup2 ' /proc/self/mounts || { echo "no cgroup2 is mounted"; exit 1; }
exec unshare --mount --pid --fork --net --uts --ipc --cgroup sh -euc '
  mount -t tmpfs trial /mnt
  mkdir /mnt/upper /mnt/work /mnt/root
  mount -t overlay trial -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
  mount -t cgroup2 trial /mnt/root/mnt'`;

/** Every system lane. All need root. */
export const parts: readonly Requirement[] = [
  {
    name: "sshd",
    programs: {
      sshd: "openssh-server",
      ssh: "openssh-client",
      "ssh-keygen": "openssh-client",
      "ssh-agent": "openssh-client",
      unshare: "util-linux",
    },
  },
  {
    name: "shells",
    programs: {
      busybox: "busybox-static",
      dash: "dash",
      bash: "bash",
      unshare: "util-linux",
      "locale-gen": "locales",
    },
  },
  {
    name: "script",
    programs: {
      script: "bsdutils",
      stty: "coreutils",
      bash: "bash",
      "ssh-keygen": "openssh-client",
    },
  },
  {
    name: "sops",
    programs: { sops: "none; go install, see .ci/run", "age-keygen": "age" },
  },
  { name: "lxc", programs: lab, trial: labTrial },
  {
    name: "tailnet",
    programs: {
      ...lab,
      tailscale: "none; go install tailscale.com/cmd/tailscale",
      tailscaled: "none; go install tailscale.com/cmd/tailscaled",
      headscale: "none; go install github.com/juanfont/headscale/cmd/headscale",
    },
    trial: labTrial,
  },
];

async function isThere(program: string): Promise<boolean> {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const found = await Deno.stat(`${folder}/${program}`).then((info) => info.isFile, () => false);
    if (found) return true;
  }
  return false;
}

/** What a script that fails says; nothing when it ends well. */
async function complaint(script: string): Promise<string | undefined> {
  const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script] })
    .output();
  if (success) return undefined;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).join(" ");
  return said.trim().replaceAll(/\s+/g, " ") || "its trial fails";
}

/** The lanes that cannot run on this machine, each with the reason. */
export async function missingParts(): Promise<Part[]> {
  if (Deno.build.os !== "linux") return parts.map(({ name }) => ({ name, why: "needs Linux" }));
  if (Deno.uid() !== 0) return parts.map(({ name }) => ({ name, why: "needs root" }));
  const missing: Part[] = [];
  for (const { name, programs, trial } of parts) {
    const absent: string[] = [];
    for (const [program, debianPackage] of Object.entries(programs)) {
      if (!await isThere(program)) absent.push(`no ${program} (Debian: ${debianPackage})`);
    }
    const problem = absent.length > 0 ? absent.join(", ") : trial && await complaint(trial);
    if (problem) missing.push({ name, why: problem });
  }
  return missing;
}
