import assert from "node:assert/strict";
import { callApi } from "../../rest/call.ts";
import { callAndWait, makeCt, testCluster, TESTER } from "../../../tests/cluster.ts";
import type { Cluster } from "../cluster.ts";

const CT = "/nodes/pve01/lxc/100";

async function addresses(cluster: Cluster): Promise<unknown> {
  const list = await callApi(cluster, TESTER, "GET", `${CT}/interfaces`);
  if (!Array.isArray(list)) return list;
  return Object.fromEntries(list.map((iface) => [
    iface.name,
    iface["ip-addresses"].map((one: Record<string, string>) => one["ip-address"]),
  ]));
}

Deno.test("startCt() brings addresses up one after the other, after the start", async () => {
  // A clock that stands still until it is moved.
  let now = Date.now();
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const timings = { linkMs: 1_000, dhcpMs: 3_000, dnsMs: 500 };
  const cluster = testCluster({ clock, timings });
  const net0 = "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=BC:24:11:55:94:B7";
  await makeCt(cluster, { net0 });
  assert.equal(await addresses(cluster), null);
  await callAndWait(cluster, "POST", `${CT}/status/start`);
  assert.deepEqual(await addresses(cluster), { lo: [], eth0: [] });
  now += 600;
  assert.deepEqual(await addresses(cluster), { lo: ["127.0.0.1", "::1"], eth0: [] });
  now += 600;
  const local = "fe80::be24:11ff:fe55:94b7";
  assert.deepEqual(await addresses(cluster), { lo: ["127.0.0.1", "::1"], eth0: [local] });
  now += 2_000;
  assert.deepEqual(await addresses(cluster), {
    lo: ["127.0.0.1", "::1"],
    eth0: ["10.77.0.100", local],
  });
});

Deno.test("startCt() leases each container an address of its own, and frees it with it", async () => {
  const cluster = testCluster();
  for (const vmid of ["100", "101"]) await makeCt(cluster, { vmid }, true);
  assert.deepEqual([...cluster.leases.values()], ["10.77.0.100/24", "10.77.0.101/24"]);
  await callAndWait(cluster, "DELETE", CT, { force: "1" });
  assert.deepEqual([...cluster.leases.values()], ["10.77.0.101/24"]);
});

Deno.test("startCt() gives no address where nothing answers DHCP, or the link is down", async () => {
  const cluster = testCluster({ timings: { linkMs: 0, dhcpMs: 0 } });
  await makeCt(cluster, {
    net0: "name=eth0,bridge=vmbr1,ip=dhcp",
    net1: "name=eth1,bridge=vmbr0,ip=10.77.0.50/24,link_down=1",
    net2: "name=eth2,bridge=vmbr0,ip=10.77.0.51/24,ip6=fd00::51/64",
  }, true);
  const found = Object(await addresses(cluster));
  assert.deepEqual([found.eth0.length, found.eth1.length, found.eth2.length], [1, 1, 3]);
});

Deno.test("startCt() fails in its task for a bridge, a bind source or a second fuse", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { net0: "name=eth0,bridge=vmbr9,ip=dhcp" });
  const start = async () => (await callAndWait(cluster, "POST", `${CT}/status/start`)).exitstatus;
  assert.equal(await start(), "bridge 'vmbr9' does not exist");
  const root = { user: "root@pam" };
  const put = (params: Record<string, string>) =>
    callApi(cluster, root, "PUT", `${CT}/config`, params);
  await put({ net0: "name=eth0,bridge=vmbr0,ip=dhcp", mp0: "/srv/nosuch,mp=/x" });
  assert.equal(await start(), "startup for container '100' failed");
  await put({ delete: "mp0", features: "nesting=1,fuse=1", dev0: "/dev/fuse" });
  assert.equal(await start(), "startup for container '100' failed");
  await put({ delete: "dev0" });
  assert.equal(await start(), "OK");
});

Deno.test("a power change of the wrong state is refused, a missing container fails in its task", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const call = (action: string, path = CT) =>
    callApi(cluster, TESTER, "POST", `${path}/status/${action}`);
  for (const action of ["stop", "shutdown", "suspend"]) {
    await assert.rejects(call(action), { status: 500, message: "CT 100 not running" });
  }
  await assert.rejects(call("reboot"), { message: "VM 100 not running" });
  await callAndWait(cluster, "POST", `${CT}/status/start`);
  await assert.rejects(call("start"), { message: "CT 100 already running" });
  const missing = await callAndWait(cluster, "POST", "/nodes/pve01/lxc/299/status/start");
  const words = (node: string, vmid: number) =>
    `Configuration file 'nodes/${node}/lxc/${vmid}.conf' does not exist`;
  assert.equal(missing.exitstatus, words("pve01", 299));
  const elsewhere = await callAndWait(cluster, "POST", "/nodes/pve02/lxc/100/status/start");
  assert.equal(elsewhere.exitstatus, words("pve02", 100));
});

Deno.test("a locked container fails to stop in its task; root may skip the lock", async () => {
  const cluster = testCluster();
  await makeCt(cluster, {}, true);
  await callApi(cluster, TESTER, "PUT", `${CT}/config`, { lock: "backup" });
  for (const action of ["stop", "shutdown"]) {
    const task = await callAndWait(cluster, "POST", `${CT}/status/${action}`);
    assert.equal(task.exitstatus, "CT is locked (backup)");
  }
  const skip = { skiplock: "1" };
  await assert.rejects(callApi(cluster, TESTER, "POST", `${CT}/status/stop`, skip), {
    errors: { skiplock: "Only root may use this option." },
  });
  await callAndWait(cluster, "POST", `${CT}/status/stop`, skip, { user: "root@pam" });
  assert.equal(cluster.cts.get(100)?.status, "stopped");
});

Deno.test("suspend and resume fail in their tasks, as where criu is not installed", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const resume = await callAndWait(cluster, "POST", `${CT}/status/resume`);
  assert.match(
    resume.exitstatus ?? "",
    /^command 'lxc-checkpoint -n 100 -r .*' failed: exit code 1$/,
  );
  await callAndWait(cluster, "POST", `${CT}/status/start`);
  const suspend = await callAndWait(cluster, "POST", `${CT}/status/suspend`);
  assert.match(
    suspend.exitstatus ?? "",
    /^command 'lxc-checkpoint -n 100 -s .*' failed: exit code 1$/,
  );
});

Deno.test("a task that waits for a container's lock says so in its log", async () => {
  const cluster = testCluster();
  await callApi(cluster, TESTER, "POST", "/nodes/pve01/lxc", {
    vmid: "100",
    ostemplate: "local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz",
    rootfs: "local-lvm:1",
  });
  const task = await callAndWait(cluster, "POST", `${CT}/status/start`);
  assert.deepEqual(task.log, ["trying to acquire lock...", " OK", "TASK OK"]);
});
