/** A real part that some system tests need. */
export interface Part {
  /** The directory below tests/system, and the word in PXRUN_REQUIRE. */
  readonly name: string;
  /** Why it cannot be used here. */
  readonly why: string;
}

/** Requirements of a lane. */
interface Requirement {
  readonly name: string;
  /** Programs that must be found, each with the Debian package that brings it. */
  readonly programs: Readonly<Record<string, string>>;
  /** `own`: the root of a user namespace does as well. */
  readonly root: "real" | "own" | "none";
  /** A script that fails, and says why, where the kernel does not do what it takes. */
  readonly trial?: string;
}

/** Programs of the lab. */
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

/** Base binary of `deno compile`, where deno looks for it before it fetches it. */
const denortTrial = `
zip=\${DENO_DIR:-\${XDG_CACHE_HOME:-$HOME/.cache}/deno}/dl/release/v${Deno.version.deno}/denort-${Deno.build.target}.zip
[ -n "\${DENORT_BIN:-}" ] || [ -e "$zip" ] || { echo "no denort: neither DENORT_BIN nor its zip in Deno's cache"; exit 1; }`;

/** The program, and the first words of its line, that make their own root of who is not root. */
export const ownRoot = ["unshare", "--user", "--map-root-user", "--map-auto"] as const;

/** Every system lane. */
export const parts: readonly Requirement[] = [
  {
    name: "sshd",
    root: "real",
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
    root: "own",
    programs: {
      busybox: "busybox-static",
      dash: "dash",
      bash: "bash",
      unshare: "util-linux",
      "locale-gen": "locales",
    },
    trial: `exec unshare --mount --pid --fork sh -euc '
  mount -t tmpfs trial /mnt
  mkdir /mnt/proc
  mount -t proc proc /mnt/proc'`,
  },
  {
    name: "script",
    root: "none",
    programs: {
      script: "bsdutils",
      stty: "coreutils",
      bash: "bash",
      "ssh-keygen": "openssh-client",
    },
  },
  {
    name: "sops",
    root: "none",
    programs: { sops: "none; go install, see .ci/run", "age-keygen": "age", script: "bsdutils" },
  },
  {
    name: "npm",
    root: "none",
    programs: {
      node: "nodejs",
      npm: "npm",
      script: "bsdutils",
      setsid: "util-linux",
      kill: "procps",
      bash: "bash",
    },
    trial: `npm view --fetch-retries=0 --fetch-timeout=20000 deno@2.9.6 version >/dev/null 2>&1 ||
  { echo "npm's registry cannot be reached"; exit 1; }`,
  },
  { name: "denort", root: "none", programs: {}, trial: denortTrial },
  { name: "lxc", root: "real", programs: lab, trial: labTrial },
  {
    name: "tailnet",
    root: "real",
    programs: {
      ...lab,
      tailscale: "none; go install tailscale.com/cmd/tailscale",
      tailscaled: "none; go install tailscale.com/cmd/tailscaled",
      headscale: "none; go install github.com/juanfont/headscale/cmd/headscale",
    },
    trial: labTrial,
  },
];

/** Search path of programs; a user's own PATH may lack those of the administrator. */
export function searchPath(path = ""): string {
  return [...path.split(":").filter((one) => one !== ""), "/usr/sbin", "/sbin"].join(":");
}

/** True if a program can be run, by its name. */
export async function isThere(program: string, path = Deno.env.get("PATH")): Promise<boolean> {
  for (const directory of searchPath(path).split(":")) {
    const path = `${directory}/${program}`;
    const info = await Deno.stat(path).catch(() => undefined);
    // What no one may run is not there, as for a shell.
    if (info?.isFile && ((info.mode ?? 0o111) & 0o111) !== 0) return true;
  }
  return false;
}

/** Output of a program that fails; undefined if it succeeds. */
async function complaint(program: string, ...args: string[]): Promise<string | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" })
    .output();
  if (success) return undefined;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).join(" ");
  return said.trim().replaceAll(/\s+/g, " ") || "its trial fails";
}

/** Environment that runs the tests. */
export interface Runner {
  readonly linux: boolean;
  readonly root: boolean;
  /** Why there can be no root in a user namespace with ids of its own; undefined: there can. */
  ownRootFails(): Promise<string | undefined>;
  isThere(program: string): Promise<boolean>;
  /** Why a script fails, run as the lane would be. */
  fails(script: string, own: boolean): Promise<string | undefined>;
}

/** This process. */
export const thisRunner: Runner = {
  linux: Deno.build.os === "linux",
  root: Deno.build.os === "linux" && Deno.uid() === 0,
  async ownRootFails() {
    if (!await isThere("newuidmap")) return "no newuidmap (Debian: uidmap)";
    const [program, ...args] = ownRoot;
    return await complaint(program, ...args, "true");
  },
  isThere,
  fails(script, own) {
    const [program, ...args] = own ? [...ownRoot, "sh"] : ["sh"] as const;
    return complaint(program, ...args, "-c", script);
  },
};

/** The lanes that cannot run on this machine, each with the reason. */
export async function missingParts(runner: Runner = thisRunner): Promise<Part[]> {
  const missing = await Promise.all(parts.map(async ({ name, ...needs }) => {
    const why = await reason(needs, runner);
    return why === undefined ? [] : [{ name, why }];
  }));
  return missing.flat();
}

async function reason(
  { programs, root, trial }: Omit<Requirement, "name">,
  runner: Runner,
): Promise<string | undefined> {
  if (!runner.linux) return "needs Linux";
  if (root === "real" && !runner.root) return "needs root";
  const absent: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    if (!await runner.isThere(program)) absent.push(`no ${program} (Debian: ${debianPackage})`);
  }
  if (absent.length > 0) return absent.join(", ");
  const own = root === "own" && !runner.root;
  const why = own ? await runner.ownRootFails() : undefined;
  if (why !== undefined) return `needs root, or a user namespace: ${why}`;
  return trial && await runner.fails(trial, own);
}

/** One line that names every lane that is skipped; those with the same reason together. */
export function skipLine(missing: readonly Part[]): string {
  const byReason = Map.groupBy(missing, ({ why }) => why);
  const words = [...byReason].map(([why, parts]) =>
    `${parts.map(({ name }) => name).join(", ")} (${why})`
  );
  return `skipped of tests/system: ${words.join("; ")}`;
}
