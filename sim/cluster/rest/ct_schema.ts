import type { Schema } from "./check.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;
const COUNT = { type: "integer", optional: true, min: 0 } as const;
const SIZE = { ...TEXT, pattern: /^\d+(\.\d+)?[KMGT]?$/ } as const;
const IDMAP = {
  ...TEXT,
  pattern: /^(passthrough|[ug]:\d+:\d+:[1-9]\d*(;[ug]:\d+:\d+:[1-9]\d*)*)$/,
};
const MOUNT_OPTION = "(discard|lazytime|noatime|nodev|noexec|nosuid)";

const ROOTFS: Schema = {
  volume: { type: "string", format: "mount-path", bare: true },
  size: SIZE,
  acl: FLAG,
  idmap: IDMAP,
  mountoptions: { ...TEXT, pattern: new RegExp(`^${MOUNT_OPTION}(;${MOUNT_OPTION})*$`) },
  quota: FLAG,
  replicate: FLAG,
  ro: FLAG,
  shared: FLAG,
};

const MOUNT_POINT: Schema = {
  ...ROOTFS,
  mp: { type: "string", format: "mount-path" },
  backup: FLAG,
  keepattrs: FLAG,
};

const NET: Schema = {
  name: { type: "string", pattern: /^[-_.\w\d]+$/ },
  bridge: { ...TEXT, pattern: /^[-_.\w\d]+$/ },
  firewall: FLAG,
  gw: { ...TEXT, format: "ipv4" },
  gw6: { ...TEXT, format: "ipv6" },
  "host-managed": FLAG,
  hwaddr: { ...TEXT, format: "mac-addr" },
  ip: { ...TEXT, format: "pve-ipv4-config" },
  ip6: { ...TEXT, format: "pve-ipv6-config" },
  link_down: FLAG,
  mtu: { type: "integer", optional: true, min: 64, max: 65535 },
  rate: { type: "number", optional: true },
  tag: { type: "integer", optional: true, min: 1, max: 4094 },
  trunks: { ...TEXT, pattern: /^\d+(-\d+)?(;\d+(-\d+)?)*$/ },
  type: { ...TEXT, enum: ["veth"] },
};

const FEATURES: Schema = {
  force_rw_sys: FLAG,
  fuse: FLAG,
  keyctl: FLAG,
  mknod: FLAG,
  mount: { ...TEXT, pattern: /^[a-zA-Z0-9_; ]+$/ },
  nesting: FLAG,
};

const DEVICE: Schema = {
  path: { ...TEXT, format: "device", bare: true },
  "deny-write": FLAG,
  gid: COUNT,
  mode: { ...TEXT, pattern: /^0[0-7]{3}$/ },
  uid: COUNT,
};

/** NUL between variables, and of control characters only the tab. */
// deno-lint-ignore no-control-regex -- that is what it is about
const ENV = /^\w+=[^\x00-\x08\x0a-\x1f\x7f]*(\0\w+=[^\x00-\x08\x0a-\x1f\x7f]*)*$/;

/** The options of a container, as create and config take them. */
export const CT_OPTIONS: Schema = {
  arch: { ...TEXT, enum: ["amd64", "i386", "arm64", "armhf", "riscv32", "riscv64"] },
  cmode: { ...TEXT, enum: ["shell", "console", "tty"] },
  console: FLAG,
  cores: { type: "integer", optional: true, min: 1, max: 8192 },
  cpulimit: { type: "number", optional: true, min: 0, max: 8192 },
  cpuunits: { ...COUNT, max: 500000 },
  debug: FLAG,
  description: { ...TEXT, maxLength: 8192 },
  "dev[n]": { ...TEXT, format: DEVICE },
  entrypoint: TEXT,
  env: { ...TEXT, pattern: ENV },
  features: { ...TEXT, format: FEATURES },
  hookscript: { ...TEXT, format: "pve-volume-id" },
  hostname: { ...TEXT, format: "dns-name", maxLength: 255 },
  lock: {
    ...TEXT,
    enum: ("backup create destroyed disk fstrim migrate mounted rollback snapshot " +
      "snapshot-delete").split(" "),
  },
  memory: { type: "integer", optional: true, min: 16 },
  "mp[n]": { ...TEXT, format: MOUNT_POINT },
  nameserver: { ...TEXT, format: "ip-list" },
  "net[n]": { ...TEXT, format: NET },
  onboot: FLAG,
  ostype: {
    ...TEXT,
    enum: ("debian devuan ubuntu centos fedora opensuse archlinux alpine gentoo nixos " +
      "unmanaged").split(" "),
  },
  protection: FLAG,
  rootfs: { ...TEXT, format: ROOTFS },
  searchdomain: { ...TEXT, format: "dns-name-list" },
  startup: { ...TEXT, format: "startup" },
  swap: COUNT,
  tags: { ...TEXT, format: "pve-tag-list" },
  template: FLAG,
  timezone: { ...TEXT, format: "timezone" },
  tty: { ...COUNT, max: 6 },
  unprivileged: FLAG,
  "unused[n]": TEXT,
};

/** Further parameters of a create. */
export const CT_CREATE: Schema = {
  ...CT_OPTIONS,
  vmid: { type: "integer", format: "pve-vmid", min: 100, max: 999999999 },
  ostemplate: { type: "string", maxLength: 255 },
  password: { ...TEXT, minLength: 5 },
  storage: { ...TEXT, format: "pve-storage-id" },
  pool: { ...TEXT, format: "pve-poolid" },
  "ssh-public-keys": TEXT,
  bwlimit: { type: "number", optional: true, min: 0 },
  force: FLAG,
  restore: FLAG,
  unique: FLAG,
  start: FLAG,
  "ha-managed": FLAG,
  "ignore-unpack-errors": FLAG,
};
