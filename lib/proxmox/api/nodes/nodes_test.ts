import assert from "node:assert/strict";
import { scriptedRest } from "../../../../tests/support/scripted_rest.ts";
import * as nodes from "./nodes.ts";

Deno.test("list() reads nodes, with their loads where the token may see them", async () => {
  const { rest } = scriptedRest([{
    data: [
      { node: "a", status: "online", ssl_fingerprint: "AA:BB", maxcpu: 4, cpu: "0.5", mem: 1 },
      { node: "b", status: "offline", maxmem: null },
    ],
  }]);
  const none = { uptime: undefined, cpu: undefined, maxcpu: undefined };
  const bytes = { mem: undefined, maxmem: undefined };
  assert.deepEqual(await nodes.list(rest), [
    {
      ...none,
      ...bytes,
      node: "a",
      status: "online",
      ssl_fingerprint: "AA:BB",
      maxcpu: 4,
      cpu: 0.5,
      mem: 1,
    },
    { ...none, ...bytes, node: "b", status: "offline", ssl_fingerprint: undefined },
  ]);
});

Deno.test("status() reads memory, root file system and processors", async () => {
  const { rest, sent } = scriptedRest([{
    data: {
      pveversion: "pve-manager/9.2.11/x",
      uptime: 5,
      cpu: 0.1,
      cpuinfo: { cpus: 8, model: "x" },
      "current-kernel": { machine: "aarch64", release: "6.14" },
      memory: { total: "10", used: 4, free: 6, available: 6 },
      rootfs: { total: 100, used: 40, avail: 50, free: 60 },
      loadavg: ["0.1", "0.2", "0.3"],
    },
  }]);
  assert.deepEqual(await nodes.status(rest, "a"), {
    pveversion: "pve-manager/9.2.11/x",
    uptime: 5,
    machine: "aarch64",
    cpu: 0.1,
    cpus: 8,
    memory: { total: 10, used: 4, free: 6 },
    rootfs: { total: 100, used: 40, avail: 50 },
  });
  assert.equal(sent[0]?.path, "/api2/json/nodes/a/status");
});

Deno.test("network() asks for what a container can be attached to", async () => {
  const { rest, sent } = scriptedRest([
    { data: [{ iface: "vmbr0", type: "bridge", active: 1, cidr: "10.0.0.1/24", autostart: 1 }] },
    { data: [{ iface: "vmbr1", type: "OVSBridge", active: null, bridge_vlan_aware: "1" }] },
  ]);
  assert.deepEqual(await nodes.network(rest, "a", "any_bridge"), [
    { iface: "vmbr0", type: "bridge", active: true, cidr: "10.0.0.1/24", vlanAware: false },
  ]);
  assert.deepEqual(await nodes.network(rest, "a"), [
    { iface: "vmbr1", type: "OVSBridge", active: false, cidr: undefined, vlanAware: true },
  ]);
  assert.deepEqual(sent.map(({ path }) => path), [
    "/api2/json/nodes/a/network?type=any_bridge",
    "/api2/json/nodes/a/network",
  ]);
});
