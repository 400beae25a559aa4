import { bytesOf, toByteString } from "../os/bytes.ts";
import { writeGroups, writeUsers } from "../os/accounts.ts";
import { binary } from "../os/kernel.ts";
import { makeDevice, makeDir, makeLink } from "../os/tree.ts";
import { findPackage } from "../packages/catalog.ts";
import { mountDatabase, unpack } from "../packages/store.ts";
import { PACKAGED } from "../programs/mod.ts";
import { SUPPORTED } from "../programs/services/regional.ts";
import { osRelease } from "./distro.ts";
import type { Machine } from "./machine.ts";

const GROUPS = `root 0|daemon 1|bin 2|sys 3|adm 4|tty 5|disk 6|mail 8|audio 29|video 44|users 100
  |nogroup 65534`;

/** Packages beyond the common ones that each family's templates have. */
const INSTALLED = {
  debian: ["apt", "bash", "dash", "locales", "openssh-server", "systemd", "tzdata", "wget", "cron"],
  alpine: ["alpine-base", "apk-tools", "busybox", "musl", "openrc"],
};

/** Fills the file tree of a fresh container. */
export function unpackTemplate(machine: Machine, programs: Iterable<string>): void {
  const { tree, distro } = machine;
  const alpine = distro.family === "alpine";
  for (
    const dir of [
      "etc",
      "root",
      "home",
      "usr/bin",
      "usr/sbin",
      "usr/local/bin",
      "var/log",
      "var/lib",
      "mnt",
      "opt",
      "srv",
      "dev",
      "run",
      "var/cache",
    ]
  ) {
    tree.mkdirs(`/${dir}`);
  }
  tree.dir("/root").mode = 0o700;
  for (const path of ["/tmp", "/var/tmp"]) tree.insert(path, makeDir(0o1777));
  if (!alpine) {
    for (const dir of ["bin", "sbin"]) {
      tree.insert(`/${dir}`, makeLink(`usr/${dir}`));
    }
  } else tree.write("/bin/busybox", binary("busybox"), 0o755);
  for (const name of programs) installProgram(machine, name);
  if (!alpine) {
    tree.insert("/usr/bin/sh", makeLink("dash"));
  } else for (const name of ["sh", "ash"]) linkBusybox(machine, `/bin/${name}`);
  writeAccounts(machine);
  writeSettings(machine);
  mountDatabase(machine);
  for (const name of INSTALLED[distro.family]) {
    unpack(
      machine,
      findPackage(distro.family, name) ??
        { name, version: "1.2.3", commands: [], units: [] },
    );
  }
}

function installProgram(machine: Machine, name: string): void {
  if (PACKAGED.has(name) || /^(sh|ash|busybox)$/.test(name)) return;
  if (machine.distro.family === "alpine" && !/^(apk|rc-.*|getent)$/.test(name)) {
    return linkBusybox(machine, `/usr/bin/${name}`);
  }
  machine.tree.write(`/usr/bin/${name}`, binary(name), 0o755);
}

function linkBusybox({ tree }: Machine, path: string): void {
  tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
  if (tree.find(path, false) === undefined) tree.insert(path, makeLink("/bin/busybox"));
}

function writeAccounts({ tree, distro }: Machine): void {
  const shell = distro.family === "alpine" ? "/bin/sh" : "/bin/bash";
  writeUsers(tree, [
    { name: "root", uid: 0, gid: 0, gecos: "root", home: "/root", shell },
    {
      name: "daemon",
      uid: 1,
      gid: 1,
      gecos: "daemon",
      home: "/usr/sbin",
      shell: "/usr/sbin/nologin",
    },
    ...(distro.family === "debian"
      ? [{
        name: "www-data",
        uid: 33,
        gid: 33,
        gecos: "www-data",
        home: "/var/www",
        shell: "/usr/sbin/nologin",
      }]
      : []),
    {
      name: "nobody",
      uid: 65534,
      gid: 65534,
      gecos: "nobody",
      home: "/nonexistent",
      shell: "/usr/sbin/nologin",
    },
  ]);
  const special = distro.family === "debian" ? "|sudo 27|www-data 33" : "|wheel 10";
  writeGroups(
    tree,
    `${GROUPS}${special}`.split("|").map((entry) => {
      const [name = "", gid] = entry.trim().split(" ");
      return { name, gid: Number(gid), members: [] };
    }),
  );
}

function writeSettings({ tree, distro }: Machine): void {
  const write = (path: string, text: string) => tree.write(path, bytesOf(toByteString(text)));
  write("/usr/lib/os-release", osRelease(distro));
  tree.insert("/etc/os-release", makeLink("../usr/lib/os-release"));
  if (distro.family === "alpine") {
    write("/etc/alpine-release", `${distro.version}.0\n`);
    tree.write("/lib/ld-musl-x86_64.so.1", binary("ld-musl"), 0o755);
  }
  if (distro.family === "debian") {
    write("/etc/locale.gen", SUPPORTED.map((line) => `# ${line}\n`).join(""));
    write("/usr/share/i18n/SUPPORTED", SUPPORTED.map((line) => `${line}\n`).join(""));
    tree.mkdirs("/var/backups");
    write("/etc/debian_version", `${distro.version}.1\n`);
    write("/etc/default/locale", "LANG=C.UTF-8\n");
    write("/etc/timezone", "Etc/UTC\n");
    tree.insert("/etc/localtime", makeLink("/usr/share/zoneinfo/Etc/UTC"));
  }
  write("/etc/shells", "/bin/sh\n/bin/bash\n");
  write("/etc/skel/.profile", "# ~/.profile\n");
  write("/root/.profile", "# ~/.profile\n");
  if (distro.family === "debian") {
    write("/root/.bashrc", "# ~/.bashrc\n");
    tree.insert("/root/.ssh", makeDir(0o700));
  }
  write(
    "/etc/profile",
    'if [ "$(id -u)" -eq 0 ]; then\n' +
      "  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n" +
      "else\n  PATH=/usr/local/bin:/usr/bin:/bin\nfi\nexport PATH\n",
  );
  for (const device of ["null", "zero", "full", "urandom", "tty"] as const) {
    tree.insert(`/dev/${device}`, makeDevice(device));
  }
  tree.insert("/dev/random", makeDevice("urandom"));
  tree.insert("/dev/fd", makeLink("/proc/self/fd"));
}
