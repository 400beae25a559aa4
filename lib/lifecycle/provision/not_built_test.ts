import assert from "node:assert/strict";
import type { Recipe } from "../../recipe/types.ts";
import { notBuilt } from "./not_built.ts";

const PLAIN: Recipe = {
  version: "1.0",
  container: {
    hostname: "web",
    template: "debian-13",
    unprivileged: true,
    resources: { cores: 2, memory: 1024, swap: 512, storage: 10 },
    network: [{ ip: "dhcp" }],
    features: { nesting: true, keyctl: false, fuse: false, mknod: false, mount: [] },
    mount_points: [{
      volume: "local",
      size: 8,
      container: "/data",
      backup: false,
      read_only: false,
    }],
    devices: [],
    tags: [],
    start_on_boot: false,
    protection: false,
  },
  provisioning: {
    packages: ["curl"],
    users: [],
    ssh_keys: [],
    files: [],
    docker: false,
    scripts: [],
  },
};

Deno.test("notBuilt() finds nothing in a recipe of what is built", () => {
  assert.deepEqual(notBuilt(PLAIN), []);
  const features = { ...PLAIN.container.features, nesting: false };
  const privileged = { ...PLAIN.container, unprivileged: false, features };
  assert.deepEqual(notBuilt({ ...PLAIN, container: privileged }), []);
});

Deno.test("notBuilt() names every other wish with its path", () => {
  const recipe: Recipe = {
    ...PLAIN,
    provisioning: {
      ...PLAIN.provisioning,
      tailscale: {
        accept_routes: false,
        advertise_routes: [],
        shields_up: false,
        ephemeral: false,
      },
    },
  };
  const found = notBuilt(recipe);
  assert.deepEqual(found.map(({ path }) => path), [
    "provisioning.tailscale",
  ]);
  assert.equal(found[0]?.what, "tailscale");
});
