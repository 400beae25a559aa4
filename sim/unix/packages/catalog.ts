import type { Family } from "../distro/distro.ts";

/** Contents of a package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Commands in /usr/bin. */
  readonly commands: readonly string[];
  /** Services, without `.service`. */
  readonly units: readonly string[];
}

/** Packages that both families have under this name. */
const COMMON = `bash bc bzip2 ca-certificates cmake curl diffutils file findutils fish gawk gcc git
  grep gzip htop iftop iotop jq less lsof make mc nano ncdu nginx nmap openssl openvpn patch
  perl podman procps rsync screen sed socat sqlite strace sudo sysstat tailscale tar tcpdump tmux traceroute
  tree unzip vim wget which zip zsh zstd`;

const OWN: Readonly<Record<Family, string>> = {
  debian: `apt-transport-https apt-utils bind9-dnsutils bsdutils build-essential chrony cifs-utils
    cowsay cron dash dbus default-jre dnsutils docker.io docker-compose emacs-nox fail2ban fd-find
    g++ gettext gnupg gnupg2 gpg haproxy iproute2 iptables iputils-ping libssl-dev locales
    logrotate lsb-release man-db mariadb-server memcached neovim net-tools netcat-openbsd nfs-common
    nodejs npm openjdk-17-jre openssh-client openssh-server php pkg-config postgresql
    postgresql-client python3 python3-dev python3-pip python3-venv python-is-python3 redis-server
    redis-tools ripgrep rsyslog ruby software-properties-common sqlite3 systemd-timesyncd tzdata
    unattended-upgrades ufw uidmap vim-tiny xz-utils apache2 golang rustc cargo`,
  alpine: `bind-tools build-base chrony cifs-utils coreutils docker docker-cli-compose dropbear
    fail2ban fd g++ gnupg gettext haproxy iproute2 iptables iputils libc-dev logrotate mandoc
    mariadb mariadb-client memcached musl-locales musl-dev neovim net-tools nfs-utils nodejs npm
    openrc openssh openssh-client openssh-server openjdk17-jre php83 postgresql16 procps-ng py3-pip
    python3 redis ripgrep ruby shadow tzdata util-linux xz busybox-extras apache2 go rust cargo`,
};

/** Commands where a package's is not called like the package; empty: it brings none. */
const COMMANDS: Readonly<Record<string, string>> = {
  "apt-transport-https": "",
  "bind9-dnsutils": "dig nslookup host",
  "bind-tools": "dig nslookup host",
  "build-base": "gcc g++ make",
  "build-essential": "gcc g++ make",
  "ca-certificates": "update-ca-certificates",
  coreutils: "coreutils",
  dnsutils: "dig nslookup host",
  "docker.io": "docker dockerd",
  docker: "docker dockerd",
  gnupg: "gpg gpgv",
  gnupg2: "gpg gpg2",
  iproute2: "ip ss",
  iputils: "ping",
  "iputils-ping": "ping",
  "libc-dev": "",
  "libssl-dev": "",
  locales: "locale-gen update-locale localedef",
  "lsb-release": "lsb_release",
  "man-db": "man",
  "mariadb-server": "mariadb mariadbd",
  "musl-dev": "",
  "net-tools": "ifconfig netstat route",
  "netcat-openbsd": "nc",
  nodejs: "node",
  "openssh-client": "ssh scp ssh-keygen",
  "openssh-server": "sshd ssh-keygen",
  openssh: "ssh scp sshd ssh-keygen",
  postgresql: "psql pg_ctl",
  procps: "ps top free pgrep",
  "procps-ng": "ps top free pgrep",
  "python-is-python3": "python",
  "python3-dev": "",
  "python3-pip": "pip3 pip",
  "python3-venv": "",
  "py3-pip": "pip3 pip",
  redis: "redis-server redis-cli",
  "redis-tools": "redis-cli",
  ripgrep: "rg",
  tailscale: "tailscale tailscaled",
  shadow: "useradd usermod userdel groupadd groupdel chpasswd",
  "software-properties-common": "add-apt-repository",
  sqlite: "sqlite3",
  sudo: "sudo visudo",
  tzdata: "",
  "unattended-upgrades": "unattended-upgrade",
  "util-linux": "lsblk",
  "vim-tiny": "vi",
  "xz-utils": "xz",
};

/** Services that a package brings. */
const UNITS: Readonly<Record<string, string>> = {
  apache2: "apache2",
  chrony: "chrony",
  cron: "cron",
  dbus: "dbus",
  docker: "docker containerd",
  "docker.io": "docker containerd",
  fail2ban: "fail2ban",
  haproxy: "haproxy",
  mariadb: "mariadb",
  "mariadb-server": "mariadb",
  memcached: "memcached",
  nginx: "nginx",
  openssh: "sshd",
  "openssh-server": "ssh",
  postgresql: "postgresql",
  redis: "redis",
  "redis-server": "redis-server",
  rsyslog: "rsyslog",
  "systemd-timesyncd": "systemd-timesyncd",
  tailscale: "tailscaled",
  ufw: "ufw",
};

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

const VERSIONS: Readonly<Record<Family, string>> = { debian: "1.2.3-4", alpine: "1.2.3-r4" };

/** The package of this name, or undefined when the family has none. */
export function findPackage(family: Family, name: string): Package | undefined {
  if (!words(COMMON).includes(name) && !words(OWN[family]).includes(name)) return undefined;
  const service = (unit: string) =>
    family === "debian" ? unit : { ssh: "sshd", tailscaled: "tailscale" }[unit] ?? unit;
  return {
    name,
    version: VERSIONS[family],
    commands: words(COMMANDS[name] ?? name),
    units: words(UNITS[name] ?? "").map(service),
  };
}
