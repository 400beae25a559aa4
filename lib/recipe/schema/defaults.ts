/** Values of the keys that a recipe lacks; the schema fills it in, and writing a recipe leaves it out. */
export const DEFAULTS = {
  container: {
    unprivileged: true,
    mount_points: [],
    devices: [],
    tags: [],
    start_on_boot: false,
    protection: false,
  },
  resources: { cores: 2, memory: 1024, swap: 512, storage: 10 },
  network: { ip: "dhcp" },
  /** nesting is what unprivileged is. */
  features: { keyctl: false, fuse: false, mknod: false, mount: [] },
  mount_point: { read_only: false, backup: true },
  device: { deny_write: false },
  provisioning: { packages: [], users: [], ssh_keys: [], files: [], docker: false, scripts: [] },
  user: { groups: [], ssh_keys: [] },
  file: { mode: "0644", owner: "root:root" },
  docker: { install: true, source: "official", users: [], compose: true },
  tailscale: { accept_routes: false, advertise_routes: [], shields_up: false, ephemeral: false },
  script: { environment: {}, timeout: 600, continue_on_error: false },
} as const;
