import type { Flavor } from "../shell/state.ts";

/** Distributions that share their package manager and their habits. */
export type Family = "debian" | "alpine" | "fedora" | "arch" | "suse";

/** What a template unpacks to. */
export interface Distro {
  readonly family: Family;
  /** `ID` of os-release. */
  readonly id: string;
  /** `VERSION_ID`, empty for a rolling release. */
  readonly version: string;
  readonly name: string;
  readonly codename: string;
  /** What /bin/sh is. */
  readonly sh: Flavor;
  readonly systemd: boolean;
  /** Host that the package manager asks. */
  readonly mirror: string;
  /** Packages beyond the common ones that the template has. */
  readonly installed: readonly string[];
}

const CODENAMES: Readonly<Record<string, string>> = {
  "debian 11": "bullseye",
  "debian 12": "bookworm",
  "debian 13": "trixie",
  "ubuntu 22.04": "jammy",
  "ubuntu 24.04": "noble",
  "ubuntu 25.04": "plucky",
  "ubuntu 26.04": "resolute",
  "devuan 5.0": "daedalus",
};

interface Kind {
  readonly family: Family;
  readonly id: string;
  readonly name: string;
  readonly mirror: string;
}

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^ubuntu-/, kind("debian", "ubuntu", "Ubuntu", "archive.ubuntu.com")],
  [/^devuan-/, kind("debian", "devuan", "Devuan GNU/Linux", "deb.devuan.org")],
  [/^alpine-/, kind("alpine", "alpine", "Alpine Linux", "dl-cdn.alpinelinux.org")],
  [/^fedora-/, kind("fedora", "fedora", "Fedora Linux", "mirrors.fedoraproject.org")],
  [/^rockylinux-/, kind("fedora", "rocky", "Rocky Linux", "mirrors.rockylinux.org")],
  [/^almalinux-/, kind("fedora", "almalinux", "AlmaLinux", "mirrors.almalinux.org")],
  [/^centos-/, kind("fedora", "centos", "CentOS Stream", "mirrors.centos.org")],
  [/^archlinux-/, kind("arch", "arch", "Arch Linux", "geo.mirror.pkgbuild.com")],
  [/^opensuse-/, kind("suse", "opensuse-leap", "openSUSE Leap", "download.opensuse.org")],
];

const DEBIAN = kind("debian", "debian", "Debian GNU/Linux", "deb.debian.org");

function kind(family: Family, id: string, name: string, mirror: string): Kind {
  return { family, id, name, mirror };
}

const SHELLS: Readonly<Record<Family, Flavor>> = {
  debian: "dash",
  alpine: "ash",
  fedora: "bash",
  arch: "bash",
  suse: "bash",
};

const INSTALLED: Readonly<Record<Family, readonly string[]>> = {
  debian: ["apt", "bash", "dash", "locales", "openssh-server", "systemd", "tzdata", "wget", "cron"],
  alpine: ["alpine-base", "apk-tools", "busybox", "musl", "openrc"],
  fedora: ["bash", "dnf", "rpm", "systemd", "tzdata"],
  arch: ["bash", "pacman", "systemd", "tzdata"],
  suse: ["bash", "rpm", "systemd", "timezone", "zypper"],
};

/** The distribution that a template's file name stands for; Debian 12 when it says nothing. */
export function distroOf(template: string): Distro {
  const { family, id, name, mirror } = KINDS.find(([pattern]) => pattern.test(template))?.[1] ??
    DEBIAN;
  const found = /^[a-z]+-(\d+(?:\.\d+)?)/.exec(template)?.[1];
  const version = family === "arch" ? "" : found ?? "12";
  return {
    family,
    id,
    version,
    name,
    mirror,
    codename: CODENAMES[`${id} ${version}`] ?? "",
    sh: SHELLS[family],
    systemd: family !== "alpine" && id !== "devuan",
    installed: INSTALLED[family],
  };
}

/** /etc/os-release. */
export function osRelease({ family, id, name, version, codename }: Distro): string {
  const full = [name, version, codename === "" ? "" : `(${codename})`].filter(Boolean).join(" ");
  const like: Record<Family, string> = {
    debian: id === "debian" ? "" : "debian",
    alpine: "",
    fedora: id === "fedora" ? "" : "rhel centos fedora",
    arch: "",
    suse: "suse opensuse",
  };
  const fields: [string, string][] = [
    ["PRETTY_NAME", `"${full}"`],
    ["NAME", `"${name}"`],
    ...version === "" ? [] : [["VERSION_ID", `"${version}"`] as [string, string]],
    ...version === "" ? [] : [
      ["VERSION", `"${[version, codename && `(${codename})`].filter(Boolean).join(" ")}"`] as [
        string,
        string,
      ],
    ],
    ...codename === "" ? [] : [["VERSION_CODENAME", codename] as [string, string]],
    ["ID", /[^a-z]/.test(id) ? `"${id}"` : id],
    ...like[family] === "" ? [] : [["ID_LIKE", `"${like[family]}"`] as [string, string]],
    ["HOME_URL", `"https://www.example/"`],
    ["SUPPORT_URL", `"https://www.example/support"`],
    ["BUG_REPORT_URL", `"https://bugs.example/"`],
  ];
  return fields.map(([key, value]) => `${key}=${value}\n`).join("");
}
