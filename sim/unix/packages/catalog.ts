import type { Family } from "../distro/distro.ts";

/** What a package brings. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Commands in /usr/bin. */
  readonly commands: readonly string[];
  /** Services, without `.service`. */
  readonly units: readonly string[];
}

/** Packages that every family has under this name. */
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
  fedora: `bind-utils chrony cifs-utils cronie dnf-plugins-core docker docker-compose emacs-nox
    epel-release fail2ban gcc-c++ gettext glibc-langpack-de glibc-langpack-en gnupg2 golang haproxy
    httpd iproute iptables-nft iputils java-17-openjdk-headless langpacks-en logrotate man-db
    mariadb-server memcached neovim net-tools nfs-utils nmap-ncat nodejs npm openssh-clients
    openssh-server openssl-devel php moby-engine policycoreutils postgresql postgresql-server procps-ng python3
    python3-devel python3-pip redis ripgrep ruby rust cargo shadow-utils tzdata util-linux
    vim-enhanced xz iptables`,
  arch:
    `archlinux-keyring base-devel bind chrony cifs-utils cronie docker docker-compose fail2ban fd gettext gnupg go
    haproxy apache inetutils iproute2 iptables-nft iputils jre-openjdk-headless logrotate man-db
    mariadb memcached neovim net-tools nfs-utils nodejs npm openbsd-netcat openssh php postgresql
    procps-ng python python-pip redis ripgrep ruby rust tzdata util-linux xz`,
  suse: `bind-utils chrony cifs-utils cronie docker docker-compose fail2ban gcc-c++ gettext-tools
    glibc-locale gpg2 go haproxy apache2 iproute2 iptables iputils java-17-openjdk-headless
    logrotate man mariadb memcached neovim net-tools-deprecated nfs-client nodejs20 npm20
    openssh-clients openssh-server openssh php8 postgresql postgresql-server python3 python3-pip
    redis ripgrep ruby rust cargo shadow timezone util-linux xz netcat-openbsd`,
};

/** Commands where a package's is not called like the package; empty: it brings none. */
const COMMANDS: Readonly<Record<string, string>> = {
  "apt-transport-https": "",
  "base-devel": "gcc g++ make",
  "bind9-dnsutils": "dig nslookup host",
  "bind-tools": "dig nslookup host",
  "bind-utils": "dig nslookup host",
  "build-base": "gcc g++ make",
  "build-essential": "gcc g++ make",
  "ca-certificates": "update-ca-certificates",
  coreutils: "coreutils",
  dnsutils: "dig nslookup host",
  "docker.io": "docker dockerd",
  docker: "docker dockerd",
  "moby-engine": "docker dockerd",
  "epel-release": "",
  "gcc-c++": "g++",
  glibc: "",
  "glibc-langpack-de": "",
  "glibc-langpack-en": "",
  "glibc-locale": "",
  "gpg2": "gpg gpg2",
  gnupg: "gpg gpgv",
  gnupg2: "gpg gpg2",
  httpd: "httpd apachectl",
  iproute: "ip ss",
  iproute2: "ip ss",
  iputils: "ping",
  "iputils-ping": "ping",
  "langpacks-en": "",
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
  "openssh-clients": "ssh scp ssh-keygen",
  "openssh-server": "sshd ssh-keygen",
  openssh: "ssh scp sshd ssh-keygen",
  "openssl-devel": "",
  postgresql: "psql pg_ctl",
  procps: "ps top free pgrep",
  "procps-ng": "ps top free pgrep",
  "python-is-python3": "python",
  "python3-dev": "",
  "python3-pip": "pip3 pip",
  "python3-venv": "",
  "py3-pip": "pip3 pip",
  python: "python python3",
  redis: "redis-server redis-cli",
  "redis-tools": "redis-cli",
  ripgrep: "rg",
  tailscale: "tailscale tailscaled",
  shadow: "useradd usermod userdel groupadd groupdel chpasswd",
  "software-properties-common": "add-apt-repository",
  sqlite: "sqlite3",
  sudo: "sudo visudo",
  timezone: "",
  tzdata: "",
  "unattended-upgrades": "unattended-upgrade",
  "util-linux": "lsblk",
  "vim-enhanced": "vim",
  "vim-tiny": "vi",
  "xz-utils": "xz",
};

/** Services that a package brings. */
const UNITS: Readonly<Record<string, string>> = {
  apache2: "apache2",
  chrony: "chrony",
  cron: "cron",
  cronie: "crond",
  dbus: "dbus",
  docker: "docker containerd",
  "moby-engine": "docker containerd",
  "docker.io": "docker containerd",
  fail2ban: "fail2ban",
  haproxy: "haproxy",
  httpd: "httpd",
  mariadb: "mariadb",
  "mariadb-server": "mariadb",
  memcached: "memcached",
  nginx: "nginx",
  openssh: "sshd",
  "openssh-server": "ssh",
  postgresql: "postgresql",
  "postgresql-server": "postgresql",
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

const VERSIONS: Readonly<Record<Family, string>> = {
  debian: "1.2.3-4",
  alpine: "1.2.3-r4",
  fedora: "1.2.3-4",
  arch: "1.2.3-4",
  suse: "1.2.3-160000.4.1",
};

/** The package of this name, or undefined when the family has none. */
export function findPackage(family: Family, name: string): Package | undefined {
  if (!words(COMMON).includes(name) && !words(OWN[family]).includes(name)) return undefined;
  const service = (unit: string) =>
    unit === "ssh" && family !== "debian"
      ? "sshd"
      : unit === "tailscaled" && family === "alpine"
      ? "tailscale"
      : unit;
  return {
    name,
    version: VERSIONS[family],
    commands: words(COMMANDS[name] ?? name),
    units: words(UNITS[name] ?? "").map(service),
  };
}
