import assert from "node:assert/strict";
import { recipe } from "../../tests/support/facts.ts";
import { createParameters } from "./parameters.ts";

const placement = {
  node: "pve01",
  storage: "local-lvm",
  bridges: ["vmbr0", "vmbr1"],
  template: { volid: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst" },
};

function sent(container: string): Record<string, unknown> {
  return { ...createParameters(recipe(container), placement, 105) };
}

Deno.test("createParameters() says only what is needed, and unprivileged always", () => {
  assert.deepEqual(sent(""), {
    vmid: 105,
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    hostname: "web-1",
    unprivileged: true,
    cores: 2,
    memory: 1024,
    swap: 512,
    rootfs: "local-lvm:10",
    features: "nesting=1",
    net0: "name=eth0,bridge=vmbr0,ip=dhcp",
  });
});

Deno.test("createParameters() spells every option as Proxmox does", () => {
  const params = sent(`
    unprivileged: false, features: { nesting: false }, pool: dev, tags: [web, dev],
    resources: { cores: 4, cpulimit: 1.5, memory: 2048, swap: 0, storage: 20 },
    network: [
      { ip: 10.0.0.5/24, gateway: 10.0.0.1, ip6: auto, vlan: 7, mtu: 1400, rate: 12.5, firewall: true,
        mac: "BC:24:11:00:00:01" },
      { name: lan, ip: manual }
    ],
    mount_points: [
      { volume: tank, size: 8G, container: /data, backup: true },
      { volume: tank, size: 1T, container: /ro, read_only: true }
    ],
    startup: "order=1,up=10", start_on_boot: true, protection: true, description: "a=b, c"`);
  assert.equal(
    params["net0"],
    "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=10.0.0.5/24,gw=10.0.0.1,ip6=auto," +
      "tag=7,mtu=1400,rate=12.5,firewall=1",
  );
  assert.equal(params["net1"], "name=lan,bridge=vmbr1,ip=manual");
  assert.equal(params["mp0"], "tank:8,mp=/data,backup=1");
  assert.equal(params["mp1"], "tank:1024,mp=/ro,backup=1,ro=1");
  assert.equal(params["features"], undefined);
  assert.equal(params["tags"], "dev;web");
  assert.deepEqual(
    [params["unprivileged"], params["swap"], params["cpulimit"], params["onboot"]],
    [false, 0, 1.5, true],
  );
  assert.equal(params["description"], "a=b, c");
});
