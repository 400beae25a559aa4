import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheDirectory, exclusively } from "./runs.ts";

/** The systems that a lab has templates of. */
export type System = "debian-12" | "debian-13" | "busybox";

/** All of them. */
export const systems: readonly System[] = ["debian-12", "debian-13", "busybox"];

/** Whether a word is the name of one. */
export function isSystem(word: string): word is System {
  return (systems as readonly string[]).includes(word);
}

/** A template as it lies in the cache. */
export interface Template {
  readonly name: string;
  /** Below the cache's directory: its name, in a directory for how it was made. */
  readonly path: string;
  readonly size: number;
}

/** A system's template, made where it is not there yet or is damaged. Makers wait for each other. */
export function makeTemplate(system: System): Promise<Template> {
  return exclusively(system, async () => {
    const { name, script } = MAKERS[system];
    const make = `${BEGIN}${script}${END}`;
    const key = createHash("sha256").update(make).digest("hex").slice(0, 12);
    const directory = join(await cacheDirectory(), key);
    await Deno.mkdir(directory, { recursive: true });
    await removeUnfinished(directory);
    if (!await isWhole(directory, name)) {
      const work = await Deno.makeTempDir({ dir: directory, prefix: "work-" });
      try {
        // In memory, and what is mounted meanwhile is gone with the namespace, whatever happens.
        const own = ["--mount", "--pid", "--fork", "--kill-child"];
        await run("unshare", [...own, "sh", "-euc", make, "sh", work, name]);
        await run("sh", ["-euc", 'cd "$1"; sha256sum "$2" >../"$2.sha256"', "sh", work, name]);
        await Deno.rename(join(work, name), join(directory, name));
      } finally {
        await Deno.remove(work, { recursive: true });
      }
    }
    return { name, path: `${key}/${name}`, size: (await Deno.stat(join(directory, name))).size };
  });
}

/** What makers left that were cut off. */
async function removeUnfinished(directory: string): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  const works = entries.filter(({ name }) => name.startsWith("work-"));
  await Promise.all(
    works.map(({ name }) => Deno.remove(join(directory, name), { recursive: true })),
  );
}

async function isWhole(cwd: string, name: string): Promise<boolean> {
  const args = ["--check", "--status", `${name}.sha256`];
  return (await new Deno.Command("sha256sum", { args, cwd, stderr: "null" }).output()).success;
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const output = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  if (output.success) return;
  const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  throw new Error(`${program} cannot make a template: ${`${out}${err}`.trim().slice(-2000)}`);
}

const BEGIN = `
mkdir "$1/root"
mount -t tmpfs -o mode=755 root "$1/root"
`;

const END = `
tar --numeric-owner -C "$1/root" -cf "$1/tar" .
zstd -q -3 -T0 "$1/tar" -o "$1/$2"
`;

/** What Proxmox's standard templates have, so far as anybody looks for it. */
const PACKAGES = "systemd-sysv,dbus,iproute2,ifupdown,isc-dhcp-client,ca-certificates," +
  "openssh-server,locales,procps,netbase";

function debian(suite: string): string {
  return `
debootstrap --variant=minbase --include=${PACKAGES} ${suite} "$1/root" http://deb.debian.org/debian
chroot "$1/root" apt-get clean
rm -rf "$1/root/var/lib/apt/lists" "$1/root/etc/resolv.conf" "$1/root/etc/machine-id"
mkdir "$1/root/var/lib/apt/lists"
touch "$1/root/etc/machine-id"
`;
}

const BUSYBOX = `
cd "$1/root"
mkdir -p bin sbin usr/bin usr/sbin dev proc sys run root tmp var/lib etc/udhcpc etc/network
mkdir etc/network/if-pre-up.d etc/network/if-up.d etc/network/if-down.d etc/network/if-post-down.d
chmod 1777 tmp
ln -s /run var/run
cp "$(command -v busybox)" bin/busybox
# In the root, so that its list becomes links.
chroot . /bin/busybox --install -s
echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
echo 'root:*:19000:0:99999:7:::' >etc/shadow
printf '%s\\n' root:x:0: tty:x:5: video:x:44: >etc/group
echo 'ID=busybox' >etc/os-release
cat >etc/inittab <<'END'
::sysinit:/bin/hostname -F /etc/hostname
::wait:/sbin/ifup -a
::ctrlaltdel:/sbin/reboot
::shutdown:/sbin/ifdown -a
END
cat >etc/udhcpc/default.script <<'END'
#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip address flush dev "$interface" scope global
ip address add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "$router" dev "$interface"
END
chmod 755 etc/udhcpc/default.script
cd /
`;

const MAKERS: Readonly<Record<System, { readonly name: string; readonly script: string }>> = {
  "debian-12": {
    name: "debian-12-standard_12.12-1_amd64.tar.zst",
    script: debian("bookworm"),
  },
  "debian-13": { name: "debian-13-standard_13.1-2_amd64.tar.zst", script: debian("trixie") },
  busybox: { name: "busybox-1.35_1_amd64.tar.zst", script: BUSYBOX },
};
